"""The rules between add-ons and the other parts of a stack."""

from mesh_canary.settings.addons import AddonsSettings
from mesh_canary.settings.mesh import IstioSettings
from mesh_canary.settings.parts import Parts, Rules
from mesh_canary.settings.problems import Problem


def check_mesh_for_addons(parts: Parts) -> list[Problem]:
    """Add-ons watch a mesh."""
    if parts.addons is None or isinstance(parts.mesh, IstioSettings):
        return []
    hint = (
        "describe Istio under `mesh` (install: false if it is there already), or leave addons out"
    )
    return [Problem("addons", "", "add-ons watch Istio, and the stack names no Istio", hint)]


def check_gateway_for_addons(parts: Parts) -> list[Problem]:
    """An exposed add-on is exposed on a gateway."""
    if parts.addons is None or parts.gateway is not None:
        return []
    hint = "describe the gateway under `gateway` (install: false if it is there already), or leave expose out"
    return [
        Problem(f"addons.{name}.expose", "true", "there is no gateway to expose it on", hint)
        for name, addon in parts.addons.switched_on.items()
        if addon.expose
    ]


def check_hosts_of_addons(parts: Parts) -> list[Problem]:
    """An add-on and an app on one host: the gateway would send requests to one of them, undefined which."""
    if parts.addons is None:
        return []
    owners = {app.expose.host: name for name, app in parts.apps.items() if app.expose}
    hint = "give one of the two another host"
    return [
        Problem(_host_key(parts.addons, name), host, f"app {owners[host]} is exposed on it", hint)
        for name, host in parts.addons.hosts.items()
        if host in owners
    ]


def check_namespace_of_addons(parts: Parts) -> list[Problem]:
    """The namespace of the add-ons is nobody else's: a namespace is set up once."""
    if parts.addons is None:
        return []
    namespace = parts.addons.namespace
    owners = [f"apps.{name}" for name, app in parts.apps.items() if app.namespace == namespace]
    if parts.gateway and parts.gateway.namespace == namespace:
        owners.insert(0, "gateway")
    if isinstance(parts.mesh, IstioSettings) and parts.mesh.namespace == namespace:
        owners.insert(0, "mesh")
    if not owners:
        return []
    rule = f"the namespace of `{owners[0]}`; add-ons have one of their own"
    return [Problem("addons.namespace", namespace, rule, "leave it out: it is mesh-addons then")]


def check_tracing_has_its_mesh(parts: Parts) -> list[Problem]:
    """Where traces go stands in the mesh's own settings, which only the stack that installs the mesh writes."""
    mesh, addons = parts.mesh, parts.addons
    if not isinstance(mesh, IstioSettings):
        return []
    if addons and addons.tracing and not mesh.install:
        rule = (
            "the mesh's own settings say where traces go, and this stack does not install the mesh"
        )
        return [
            Problem("addons.tracing", "", rule, "put it into the stack that says install: true")
        ]
    if mesh.trace_sampling_percent is not None and not (addons and addons.tracing):
        rule, hint = "nothing collects traces", "switch on addons.tracing: {}, or leave it out"
        return [
            Problem("mesh.trace_sampling_percent", f"{mesh.trace_sampling_percent:g}", rule, hint)
        ]
    return []


def _host_key(addons: AddonsSettings, name: str) -> str:
    """The key that an operator would change: the add-on's host, or the domain that it comes from."""
    return f"addons.{name}.host" if addons.switched_on[name].host else "addons.domain"


RULES: Rules = (
    (frozenset({"mesh", "addons"}), check_mesh_for_addons),
    (frozenset({"gateway", "addons"}), check_gateway_for_addons),
    (frozenset({"addons"}), check_hosts_of_addons),
    (frozenset({"addons"}), check_namespace_of_addons),
    (frozenset({"mesh", "addons"}), check_tracing_has_its_mesh),
)
