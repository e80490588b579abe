"""Istio's objects around add-ons: a host on the ingress gateway for each that is exposed, and where traces go.

An add-on's host has a Gateway object of its own, so that it comes and goes without a write to the one that apps share;
Istio puts both on port 80 of the same pods. Port 443 is the shared one's alone, for every host: a browser asks for a
second host over the connection of a first one whose certificate covers both, and where two Gateway objects have one
certificate Istio answers 404. TLS is off towards add-ons, which have no sidecar: automatic mutual TLS would see that by
itself, a DestinationRule for the whole mesh that demands it would not.
Of Telemetry objects for the whole mesh Istio takes one: ours is about traces alone, access logs are set elsewhere.
Source: Istio 1.31, "Remotely Accessing Telemetry Addons"; "404 errors occur when multiple gateways configured with same
TLS certificate"; Telemetry reference.
"""

from dataclasses import dataclass

from mesh_canary.routing import names
from mesh_canary.routing.istio_gateway import make_gateway
from mesh_canary.routing.route import Manifest
from mesh_canary.settings import GatewaySettings

PROVIDER = "mesh-canary-tracing"
"""What the mesh's settings and the Telemetry object call the back end."""
LEAST_SAMPLED_PERCENT = 1.0
"""Istio's own default."""


@dataclass(frozen=True)
class ExposedAddon:
    """One page of one add-on, and the host that leads to it."""

    namespace: str
    name: str
    service: str
    port: int
    host: str


def make_addon_routes(addon: ExposedAddon, gateway: GatewaySettings) -> tuple[Manifest, ...]:
    """DestinationRule, Gateway for the host on port 80, and VirtualService: HTTPS comes by the stack's own Gateway."""
    host = names.host_of(addon.service, addon.namespace)
    name = f"addon-{addon.name}"
    plain = {"host": host, "trafficPolicy": {"tls": {"mode": "DISABLE"}}}
    destination = {"host": host, "port": {"number": addon.port}}
    rule = {"name": addon.name, "route": [{"destination": destination}]}
    own = make_gateway(gateway, (addon.host,), name=name, namespace=addon.namespace)
    own["spec"]["servers"] = own["spec"]["servers"][:1]
    shared = [gateway.reference] if gateway.https else []
    route = {
        "hosts": [addon.host],
        "gateways": [f"{addon.namespace}/{name}", *shared],
        "http": [rule],
    }
    networking = "networking.istio.io/v1"
    return (
        _object(networking, "DestinationRule", addon.namespace, name, plain),
        own,
        _object(networking, "VirtualService", addon.namespace, name, route),
    )


def make_tracing_telemetry(mesh_namespace: str, percent: float | None) -> Manifest:
    """So many percent of requests of the whole mesh are traced, to the provider that the mesh's settings name."""
    tracing = {
        "providers": [{"name": PROVIDER}],
        "randomSamplingPercentage": LEAST_SAMPLED_PERCENT if percent is None else percent,
    }
    return _object(
        "telemetry.istio.io/v1", "Telemetry", mesh_namespace, "mesh-default", {"tracing": [tracing]}
    )


def make_tracing_provider(service: str, namespace: str, port: int) -> Manifest:
    """What stands in `extensionProviders` of the mesh's settings: a back end that takes Zipkin's format."""
    return {
        "name": PROVIDER,
        "zipkin": {"service": names.host_of(service, namespace), "port": port},
    }


def _object(api_version: str, kind: str, namespace: str, name: str, spec: Manifest) -> Manifest:
    metadata = {
        "name": name,
        "namespace": namespace,
        "labels": {**names.MANAGED_BY},
        "annotations": {**names.TAKE_OVER},
    }
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": spec}
