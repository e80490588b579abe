"""What a stack on Linkerd cannot have: what only Istio's objects can say is refused, and never left out in silence."""

from mesh_canary.settings.linkerd import LinkerdSettings
from mesh_canary.settings.parts import Parts, Rules
from mesh_canary.settings.problems import Problem


def check_no_release_on_linkerd(parts: Parts) -> list[Problem]:
    """Linkerd is installed and injected; splitting traffic on it is not there yet."""
    if not isinstance(parts.mesh, LinkerdSettings):
        return []
    rule = "a release on Linkerd is not there yet: mesh-canary writes no HTTPRoutes, and Linkerd mirrors nothing"
    hint = "mesh: {kind: istio} has every stage, {kind: none} shifts by pod counts; or take the release out"
    return [Problem(f"releases.{name}", "", rule, hint) for name in parts.releases]


def check_no_gateway_on_linkerd(parts: Parts) -> list[Problem]:
    """The gateways of a stack file are Istio's."""
    if not isinstance(parts.mesh, LinkerdSettings):
        return []
    gateways = {"gateway": parts.gateway, "egress_gateway": parts.egress_gateway}
    rule, hint = (
        "Linkerd brings no gateway, and this one is Istio's",
        "leave it out; an ingress controller of your own is meshed like any other workload",
    )
    return [Problem(key, "", rule, hint) for key, gateway in gateways.items() if gateway]


def check_nothing_exposed_on_linkerd(parts: Parts) -> list[Problem]:
    """What `expose` writes for hosts and paths are Istio's objects; a Service of its own needs no mesh."""
    if not isinstance(parts.mesh, LinkerdSettings):
        return []
    rule = "exposed by an Istio gateway, and this stack's mesh is Linkerd"
    hint = "say expose.service_type: LoadBalancer, or leave it out and route your own ingress to the Service"
    return [
        Problem(f"apps.{name}.expose", "", rule, hint)
        for name, app in parts.apps.items()
        if app.expose and not app.expose.by_service
    ]


RULES: Rules = (
    (frozenset({"mesh"}), check_no_release_on_linkerd),
    (frozenset({"mesh", "gateway", "egress_gateway"}), check_no_gateway_on_linkerd),
    (frozenset({"mesh"}), check_nothing_exposed_on_linkerd),
)
