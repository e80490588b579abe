"""Istio's Gateway: which ports a gateway's proxies open for which hosts, and with which certificate.

Which service answers is up to the VirtualServices bound to it. A port is the Service's port that the gateway chart
opens, 80 and 443 (Istio's samples say 8080, which it does not). A certificate is a Secret in the namespace of the
gateway's pods. Source: Istio 1.31, manifests/charts/gateway and the Gateway reference.
"""

from collections.abc import Sequence

from mesh_canary.routing import names
from mesh_canary.routing.route import Manifest
from mesh_canary.settings import GatewaySettings

GATEWAY = ("networking.istio.io/v1", "Gateway")
EVERY_HOST = ("*",)


def make_gateway(
    gateway: GatewaySettings,
    hosts: Sequence[str] = EVERY_HOST,
    *,
    name: str = "",
    namespace: str = "",
) -> Manifest:
    """The Gateway object of `hosts` on the stack's ingress gateway; name and namespace are by default the gateway's."""
    metadata = {
        "name": name or gateway.name,
        "namespace": namespace or gateway.namespace,
        "labels": {**names.MANAGED_BY},
    }
    spec = {"selector": {"istio": gateway.name}, "servers": make_servers(gateway, hosts)}
    return {"apiVersion": GATEWAY[0], "kind": GATEWAY[1], "metadata": metadata, "spec": spec}


def make_servers(gateway: GatewaySettings, hosts: Sequence[str] = EVERY_HOST) -> list[Manifest]:
    """Port 80 for `hosts`, and where the gateway has HTTPS also port 443, with the gateway's certificate."""
    http: Manifest = {
        "port": {"number": 80, "name": "http", "protocol": "HTTP"},
        "hosts": [*hosts],
    }
    if gateway.https is None:
        return [http]
    if gateway.https.redirect:
        http["tls"] = {"httpsRedirect": True}
    tls = {
        "mode": "SIMPLE",
        "credentialName": gateway.certificate_secret,
        "minProtocolVersion": "TLSV1_2",
    }
    https: Manifest = {
        "port": {"number": 443, "name": "https", "protocol": "HTTPS"},
        "hosts": [*hosts],
        "tls": tls,
    }
    return [http, https]
