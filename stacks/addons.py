"""The add-ons that are switched on: from settings to what the component makes, and to words on how to reach them."""

from components.add_ons import AddOns, AddOnsArgs
from mesh_canary.routing.istio_addons import (
    ExposedAddon,
    make_addon_routes,
    make_tracing_telemetry,
)
from mesh_canary.routing.route import Manifest
from mesh_canary.settings import (
    AddonsSettings,
    ClusterSettings,
    GatewaySettings,
    IstioSettings,
    StackSettings,
)
from mesh_canary.workloads import make_namespace, with_tags
from mesh_canary.workloads.addons import Addon, make_addons
from stacks.cluster import Cluster

LAST_OF_ROOT = 1023
"""The last port that only root may listen on."""


def build_addons(settings: StackSettings, cluster: Cluster) -> AddOns | None:
    """The add-ons of the stack; None where it has none."""
    mesh, addons = settings.mesh, settings.addons
    if addons is None or not isinstance(mesh, IstioSettings):
        return None
    args = with_tags(addons_args(settings, mesh, addons), settings.tags)
    return AddOns("addons", args, cluster.options())


def addons_args(settings: StackSettings, mesh: IstioSettings, addons: AddonsSettings) -> AddOnsArgs:
    """The manifests of every add-on and of its way in."""
    scheme = "https" if settings.gateway and settings.gateway.https else "http"
    made = make_addons(addons, mesh.namespace, scheme)
    telemetry = make_tracing_telemetry(mesh.namespace, mesh.trace_sampling_percent)
    return {
        "namespace": make_namespace(addons.namespace, sidecars=False),
        "addons": {
            addon.name: {
                "objects": list(addon.objects),
                "routes": list(_routes(addons, addon, settings.gateway)),
            }
            for addon in made
        },
        "mesh_objects": [telemetry] if addons.tracing else [],
        "reach": {
            addon.name: explain_reach(addons, addon, scheme, settings.cluster) for addon in made
        },
    }


def _routes(
    addons: AddonsSettings, addon: Addon, gateway: GatewaySettings | None
) -> tuple[Manifest, ...]:
    host = addons.hosts.get(addon.name)
    if host is None or gateway is None:
        return ()
    exposed = ExposedAddon(addons.namespace, addon.name, addon.service, addon.port, host)
    return make_addon_routes(exposed, gateway)


def explain_reach(
    addons: AddonsSettings, addon: Addon, scheme: str, cluster: ClusterSettings
) -> str:
    """The address of an add-on, or the command after which it has one on the operator's own machine."""
    if host := addons.hosts.get(addon.name):
        return f"{scheme}://{host}/"
    local = addon.port if addon.port > LAST_OF_ROOT else 8000 + addon.port
    return (
        f"kubectl --context {cluster.context} --namespace {addons.namespace} port-forward "
        f"service/{addon.service} {local}:{addon.port}, then http://127.0.0.1:{local}/"
    )
