"""Rules about gateways: what they are for, and where they come from."""

from mesh_canary.settings.linkerd import LinkerdSettings
from mesh_canary.settings.mesh import IstioSettings, NoMeshSettings
from mesh_canary.settings.parts import Parts, Rules
from mesh_canary.settings.problems import Problem


def check_gateway_for_exposed(parts: Parts) -> list[Problem]:
    """What is exposed is exposed on a gateway, where there is a mesh that has one."""
    if isinstance(parts.mesh, LinkerdSettings | NoMeshSettings):
        return []  # Linkerd: refused with its reason by its own rules; without a mesh the Service does it
    hint = (
        "describe the gateway under `gateway`, with its name at least (install: false if it is there already);"
        " or say expose.service_type: LoadBalancer"
    )
    return [
        Problem(f"apps.{name}.expose", "", "there is no gateway to expose it on", hint)
        for name, app in parts.apps.items()
        if app.expose and not app.expose.by_service and parts.gateway is None
    ]


def check_users_follow_the_route(parts: Parts) -> list[Problem]:
    """Who comes by a Service meets no proxy that splits requests."""
    if not isinstance(parts.mesh, IstioSettings):
        return []
    rule = "its users come by its own Service (expose.service_type), past every route of a release"
    hint = "expose it on the gateway alone: leave service_type and port out of `expose`"
    return [
        Problem(f"releases.{name}.service", release.service, rule, hint)
        for name, release in parts.releases.items()
        for app in parts.apps.values()
        if app.expose
        and app.expose.by_service
        and (app.namespace, app.expose.workload) == (release.namespace, release.service)
    ]


def check_gateways_have_a_source(parts: Parts) -> list[Problem]:
    """An installed gateway is of the mesh, from the mesh's charts."""
    if isinstance(parts.mesh, LinkerdSettings | NoMeshSettings):
        return []  # refused with its reason by the rules of those
    gateways = {"gateway": parts.gateway, "egress_gateway": parts.egress_gateway}
    installed = [key for key, gateway in gateways.items() if gateway and gateway.install]
    mesh = parts.mesh
    if not isinstance(mesh, IstioSettings):
        rule = "a gateway is installed for a mesh, and there is none"
        hint = "describe the mesh under `mesh`, or set {}.install: false if it is there already"
        return [Problem(key, "", rule, hint.format(key)) for key in installed]
    if mesh.install or (mesh.version is None) != (mesh.charts is None):
        return []
    given = "both" if mesh.version else "neither"
    rule = f"its chart has one source: {given} of mesh.version and mesh.charts is given"
    hint = "set one of them to what the mesh was installed from, or {}.install: false"
    return [Problem(key, "", rule, hint.format(key)) for key in installed]


RULES: Rules = (
    (frozenset({"gateway", "mesh"}), check_gateway_for_exposed),
    (frozenset({"mesh"}), check_users_follow_the_route),
    (frozenset({"gateway", "egress_gateway", "mesh"}), check_gateways_have_a_source),
)
