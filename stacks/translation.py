"""From settings to what routers and components ask for. Nothing is created here."""

from typing import Any, assert_never

from components.helm_chart import ChartSource
from components.workload import WorkloadArgs
from mesh_canary.metrics.envoy import PROXY_STATS
from mesh_canary.routing import ROUTERS, Exposure, Manifest, Route, Router
from mesh_canary.routing.istio_access import principal_of
from mesh_canary.routing.istio_addons import make_tracing_provider
from mesh_canary.settings import (
    AddonsSettings,
    AppSettings,
    IstioSettings,
    LinkerdSettings,
    NoMeshSettings,
    ReleaseSettings,
    StackSettings,
    VersionSettings,
    WorkloadSettings,
)
from mesh_canary.settings.access import GATEWAY
from mesh_canary.settings.apps import CLIENT
from mesh_canary.workloads import bookinfo_workloads, make_service, make_workload
from mesh_canary.workloads.addons.tracing import COLLECTOR, COLLECTOR_PORT
from mesh_canary.workloads.load_test import CALL_STATS
from mesh_canary.workloads.pitstop import pitstop_starts_after, pitstop_workloads
from mesh_canary.workloads.pitstop_secrets import pitstop_secrets
from mesh_canary.workloads.versions import with_version
from stacks.config import secret_keys


def router_of(settings: StackSettings) -> Router:
    """The router of the stack's mesh; settings without a mesh have no releases."""
    return ROUTERS[settings.mesh.router if settings.mesh else "istio"]


def workloads_of(app: AppSettings) -> dict[str, WorkloadSettings]:
    """The services of an app, those it brings or those it lists."""
    match app.kind:
        case "bookinfo":
            return bookinfo_workloads(app)
        case "pitstop":
            return pitstop_workloads(app)
        case "services":
            return dict(app.workloads)
    assert_never(app.kind)


def starts_after(app: AppSettings) -> dict[str, tuple[str, ...]]:
    """By workload: those of its app that are ready before it starts; of services of your own none."""
    return pitstop_starts_after() if app.kind == "pitstop" else {}


def secrets_of(settings: StackSettings, app_name: str) -> dict[str, str]:
    """The secrets of an app, those that are given and those that are made of them, in plain text."""
    given = settings.secrets_of(app_name)
    return pitstop_secrets(given) if settings.apps[app_name].kind == "pitstop" else given


def secrets_of_versions(settings: StackSettings, app: AppSettings, service: str) -> set[str]:
    """The names of the secrets that only versions of a service under release use."""
    released = [r for r in settings.releases.values() if app.has(r.namespace, service)]
    versions = [v for r in released if r.service == service for v in (r.stable, r.canary)]
    return {name for version in versions for name in version.secret_env.values()}


def account_of(app: AppSettings, workload: str) -> str:
    """The service account of a workload, or of the client pod, named as Bookinfo names its own."""
    return f"bookinfo-{workload}" if app.kind == "bookinfo" and workload != CLIENT else workload


def principals_of(settings: StackSettings, app: AppSettings, workload: str) -> tuple[str, ...]:
    """The identities that may call `workload`; none where everybody may."""
    access, gateway = app.access.get(workload), settings.gateway
    found = []
    for caller in access.callers if access else ():
        if caller == GATEWAY and gateway:
            found.append(principal_of(gateway.namespace, gateway.name))
        else:
            found.append(principal_of(app.namespace, account_of(app, caller)))
    return tuple(found)


def exposure_of(settings: StackSettings, app: AppSettings, workload: str) -> Exposure | None:
    """How `workload` is reached from outside; None where it is not."""
    expose = app.expose
    if expose is None or settings.gateway is None or expose.workload != workload:
        return None
    return Exposure(settings.gateway.reference, (expose.host,), app.exposed_paths)


def route_of(settings: StackSettings, release: ReleaseSettings) -> Route:
    """The neutral route of the service under release."""
    _, app = settings.app_of(release)
    return Route(
        namespace=release.namespace,
        service=release.service,
        port=port_of(workloads_of(app)[release.service]),
        timeout_seconds=release.timeout_seconds,
        retries=release.retries,
        exposure=exposure_of(settings, app, release.service),
        fault=app.faults.get(release.service),
        mutual_tls=release.mutual_tls,
    )


def port_of(workload: WorkloadSettings) -> int:
    """The Service's port that routes send to; settings refuse a route to a workload that has none."""
    return workload.first_port.port if workload.first_port else 0


def is_narrow(settings: StackSettings, release: ReleaseSettings) -> bool:
    """Whether the Service under release selects one version alone until a route needs both."""
    _, app = settings.app_of(release)
    return selects_one(settings, workloads_of(app)[release.service])


def selects_one(settings: StackSettings, workload: WorkloadSettings) -> bool:
    """Whether a Service selects one version alone; without a mesh it is the route, and selects all that join."""
    return workload.selector == "version" and not isinstance(settings.mesh, NoMeshSettings)


def service_of(app: AppSettings, name: str, version: str = "") -> Manifest:
    """The Service of a workload, for every version or for `version` alone."""
    workload = workloads_of(app)[name]
    return make_service(app.namespace, name, workload.listens, workload.service_type, version)


def workload_args(app: AppSettings, service: str, workload: WorkloadSettings) -> WorkloadArgs:
    """One version of a service, as the component Workload wants it."""
    manifests = make_workload(app.namespace, service, account_of(app, service), workload)
    return {
        "manifests": list(manifests),
        "ready_seconds": workload.ready_seconds,
        "secret_env": not secret_keys().isdisjoint({"apps", "releases"}),
    }


def version_of(app: AppSettings, service: str, version: VersionSettings) -> WorkloadSettings:
    """A version under release: the workload of its service, at that version."""
    return with_version(workloads_of(app)[service], version)


def version_args(app: AppSettings, service: str, version: VersionSettings) -> WorkloadArgs:
    """The same, as the component Workload wants it."""
    return workload_args(app, service, version_of(app, service, version))


def standing_of(settings: StackSettings) -> dict[tuple[str, str], tuple[str, str]]:
    """What the apps of this stack run on their own: (namespace, service) to (version, image)."""
    return {
        (app.namespace, name): (workload.version, workload.image)
        for app in settings.apps.values()
        if app.created
        for name, workload in workloads_of(app).items()
        if name not in app.released_elsewhere
    }


def istiod_values(
    mesh: IstioSettings, addons: AddonsSettings | None = None, *, calls: bool = False
) -> dict[str, Any]:
    """What we set in the istiod chart; the stack file's `istiod_values` win.

    `calls`: whether sidecars count the calls that their pods make, for a load test.
    """
    image = {"hub": mesh.hub, **({"tag": mesh.tag} if mesh.tag else {})}
    ours: dict[str, Any] = {
        "global": image,
        "autoscaleEnabled": False,
        "replicaCount": mesh.replicas,
    }
    if mesh.access_log:
        ours["meshConfig"] = {"accessLogFile": "/dev/stdout"}
    if watched := mesh_config(addons, calls=calls):
        ours = merge_values(ours, {"meshConfig": watched})
    return merge_values(ours, mesh.istiod_values)


def chart_source(mesh: IstioSettings | LinkerdSettings) -> ChartSource:
    """Where charts come from. A local folder stays relative: an absolute path would differ on every machine."""
    if mesh.charts:
        charts = mesh.charts if mesh.charts.startswith(("/", "./", "../")) else f"./{mesh.charts}"
        return {"charts": charts.rstrip("/")}
    return {"repository": mesh.repository, "version": mesh.version or ""}


def gateway_values(name: str, replicas: int, service_type: str) -> dict[str, Any]:
    """What we set in the gateway chart, of the ingress gateway as of the egress one."""
    values: dict[str, Any] = {
        "labels": {"istio": name},
        "service": {"type": service_type},
        "autoscaling": {"enabled": False},
        "replicaCount": replicas,
    }
    if replicas > 1:
        values["podDisruptionBudget"] = {"minAvailable": 1}
    return values


def mesh_config(addons: AddonsSettings | None, *, calls: bool) -> dict[str, Any]:
    """What proxies are told because of add-ons and load tests: where traces go, and which figures they keep."""
    told: dict[str, Any] = {}
    if addons and addons.tracing:
        provider = make_tracing_provider(COLLECTOR, addons.namespace, COLLECTOR_PORT)
        # An empty `tracing` takes away the old way, which would be a second one beside the provider.
        told = {"extensionProviders": [provider], "defaultConfig": {"tracing": {}}}
    kept = list(PROXY_STATS["inclusionRegexps"]) if addons and addons.prometheus else []
    kept += [CALL_STATS] if calls else []
    if kept:
        told = merge_values(
            told, {"defaultConfig": {"proxyStatsMatcher": {"inclusionRegexps": kept}}}
        )
    return told


def merge_values(ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    """Chart values merged key by key; `theirs` win."""
    merged = dict(ours)
    for key, value in theirs.items():
        below = merged.get(key)
        if isinstance(value, dict) and isinstance(below, dict):
            merged[key] = merge_values(below, value)
        else:
            merged[key] = value
    return merged
