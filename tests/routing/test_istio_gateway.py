"""What a Gateway object says: ports, hosts, certificate."""

from typing import Any

from mesh_canary.routing import Manifest
from mesh_canary.routing.istio_gateway import make_gateway, make_servers
from mesh_canary.settings import GatewaySettings

HTTPS = {"secret": "demo-example"}


def a_gateway(**changes: Any) -> GatewaySettings:
    """The usual gateway."""
    return GatewaySettings.model_validate(changes)


def servers_of(**changes: Any) -> dict[int, Manifest]:
    """The servers of a gateway by port."""
    return {s["port"]["number"]: s for s in make_servers(a_gateway(**changes))}


def test_the_gateway_listens_on_the_ports_of_its_chart() -> None:
    spec = make_gateway(a_gateway())["spec"]

    assert [server["port"]["number"] for server in spec["servers"]] == [80]
    assert spec["selector"] == {"istio": "istio-ingressgateway"}
    assert set(servers_of(https=HTTPS)) == {80, 443}


def test_https_has_the_certificate_of_its_secret_and_no_old_tls() -> None:
    assert servers_of(https=HTTPS)[443]["tls"] == {
        "mode": "SIMPLE",
        "credentialName": "demo-example",
        "minProtocolVersion": "TLSV1_2",
    }


def test_a_redirect_answers_everything_on_port_80() -> None:
    assert "tls" not in servers_of(https=HTTPS)[80]
    assert servers_of(https={**HTTPS, "redirect": True})[80]["tls"] == {"httpsRedirect": True}


def test_hosts_of_their_own_have_a_gateway_object_of_their_own_on_the_same_pods() -> None:
    gateway = a_gateway(https=HTTPS)
    made = make_gateway(gateway, ("grafana.demo.example",), name="grafana", namespace="addons")

    assert made["metadata"]["name"] == "grafana"
    assert made["metadata"]["namespace"] == "addons"
    assert made["spec"]["selector"] == make_gateway(gateway)["spec"]["selector"]
    assert {tuple(s["hosts"]) for s in made["spec"]["servers"]} == {("grafana.demo.example",)}
