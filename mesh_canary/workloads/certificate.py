"""The Secret with a gateway's certificate and key, where the stack file has them."""

from base64 import b64encode

from mesh_canary.routing import names
from mesh_canary.routing.route import Manifest
from mesh_canary.settings import GatewaySettings


def make_certificate(gateway: GatewaySettings) -> Manifest | None:
    """A Secret of type kubernetes.io/tls beside the gateway's pods; None where it is there already, or no HTTPS."""
    https = gateway.https
    if https is None or https.certificate is None or https.key is None:
        return None
    pem = {"tls.crt": https.certificate, "tls.key": https.key.get_secret_value()}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": gateway.certificate_secret,
            "namespace": gateway.namespace,
            "labels": {**names.MANAGED_BY},
            "annotations": {**names.TAKE_OVER},
        },
        "type": "kubernetes.io/tls",
        "data": {key: b64encode(text.encode()).decode() for key, text in pem.items()},
    }
