"""The apps that are switched on in the settings, but for the workloads that a release looks after."""

from collections.abc import Mapping
from typing import Any, TypedDict

import pulumi

from components import canary_release
from components.app import App, AppArgs
from components.bookinfo import Bookinfo
from components.canary_release import CanaryRelease
from components.pitstop import Pitstop
from components.workload import WorkloadArgs
from mesh_canary.routing import Manifest, names
from mesh_canary.routing.istio import make_exposure, make_service_route
from mesh_canary.routing.route import Route
from mesh_canary.settings import AppSettings, StackSettings, WorkloadSettings
from mesh_canary.settings.apps import CLIENT
from mesh_canary.workloads import (
    make_client,
    make_kept,
    make_service_account,
    with_tags,
)
from stacks import without_mesh
from stacks.cluster import Cluster
from stacks.config import secret_keys
from stacks.rotation import noted_revisions
from stacks.sidecars import Injection
from stacks.translation import (
    account_of,
    exposure_of,
    port_of,
    secrets_of,
    secrets_of_versions,
    selects_one,
    service_of,
    starts_after,
    workload_args,
    workloads_of,
)

KINDS = {
    "bookinfo": ("mesh-canary:index:Bookinfo", Bookinfo),
    "pitstop": ("mesh-canary:index:Pitstop", Pitstop),
    "services": ("mesh-canary:index:App", App),
}


def build_apps(settings: StackSettings, cluster: Cluster, injection: Injection) -> dict[str, App]:
    """Every app of the stack that is not set up elsewhere."""
    return {
        name: KINDS[app.kind][1](
            name, with_tags(app_args(settings, name, injection), settings.tags), cluster.options()
        )
        for name, app in settings.apps.items()
        if app.created
    }


def start_last(
    settings: StackSettings, apps: Mapping[str, App], releases: Mapping[str, CanaryRelease]
) -> None:
    """Starts what waits for services under release: their releases are through then."""
    for name, app in apps.items():
        namespace = settings.apps[name].namespace
        app.start_last(
            [r for key, r in releases.items() if settings.releases[key].namespace == namespace]
        )


def app_urn(name: str, app: AppSettings) -> str:
    """The URN of an app's component: where its workloads were before a release took them over."""
    return urn_of(KINDS[app.kind][0], name)


def urn_of(kind: str, name: str) -> str:
    """The URN of a component of this stack without a parent.

    As the parent in an alias only its type counts, not its name: a child's own URN has no more of it.
    """
    return f"urn:pulumi:{pulumi.get_stack()}::{pulumi.get_project()}::{kind}::{name}"


def app_args(settings: StackSettings, app_name: str, injection: Injection) -> AppArgs:
    """The manifests of one app. Whatever is under release, here or elsewhere, is left out but for its Service."""
    app = settings.apps[app_name]
    under_release = {r.service for r in settings.releases.values() if r.namespace == app.namespace}
    free = {
        name: workload
        for name, workload in workloads_of(app).items()
        if name not in under_release and name not in app.released_elsewhere
    }
    objects = _objects(settings, app_name, injection)
    workloads = {
        names.workload_name(app.namespace, name, workload.version): injection.marked(
            app,
            name,
            noted_revisions(
                settings, app_name, workload, _standing_args(injection, app, name, workload)
            ),
        )
        for name, workload in free.items()
    }
    if app.client:
        *beside, deployment = make_client(app.namespace)
        objects += beside
        client: WorkloadArgs = {
            "manifests": [deployment],
            "ready_seconds": 300,
            "secret_env": False,
        }
        workloads[f"{app.namespace}-{CLIENT}"] = injection.marked(app, CLIENT, client)
    narrow = {
        names.workload_name(app.namespace, name, workload.version): service_of(
            app, name, workload.version
        )
        for name, workload in free.items()
        if selects_one(settings, workload)
    }
    return {
        "namespace": injection.namespace_of(app),
        "objects": objects,
        "workloads": workloads,
        **_order(app, {name: workload.version for name, workload in free.items()}),
        "narrow": narrow,
        "routes": _routes(settings, app, free),
        "formerly": [urn_of(canary_release.TYPE, "any")],
    }


def _objects(settings: StackSettings, app_name: str, injection: Injection) -> list[Manifest]:
    """Of every workload, under release or not: its account, its files and secrets, and its Service if all know it."""
    app, secrets = settings.apps[app_name], secrets_of(settings, app_name)
    asks = injection.joining.holds(app)
    objects: list[Manifest] = []
    for name, workload in workloads_of(app).items():
        objects.append(make_service_account(app.namespace, account_of(app, name)))
        also = secrets_of_versions(settings, app, name)
        kept = make_kept(app.namespace, name, workload, secrets, also)
        objects += [hidden_files(manifest) for manifest in kept]
        if workload.listens and not selects_one(settings, workload):
            of_all = service_of(app, name)
            service = without_mesh.served(settings, app, name, of_all, asks=asks)
            objects.append(injection.told(app, name, service))
    return objects


def _standing_args(
    injection: Injection, app: AppSettings, name: str, workload: WorkloadSettings
) -> WorkloadArgs:
    """A workload that no release looks after."""
    if not injection.joining.holds(app):
        return workload_args(app, name, workload)
    return without_mesh.joined(workload_args(app, name, without_mesh.shaped(workload)))


def hidden_files(manifest: Manifest) -> Manifest:
    """A ConfigMap's data as a secret of Pulumi's where something below `apps` is encrypted: it may be this."""
    if manifest["kind"] != "ConfigMap" or "apps" not in secret_keys():
        return manifest
    return {**manifest, "data": pulumi.Output.secret(manifest["data"])}


class Order(TypedDict):
    """Who waits for whom, as the component App wants it."""

    after: dict[str, list[str]]
    last: list[str]


def _order(app: AppSettings, free: Mapping[str, str]) -> Order:
    """Who waits for whom; `free`: versions by service of what the app runs, the others are under release."""
    logical = {
        name: names.workload_name(app.namespace, name, version) for name, version in free.items()
    }
    after = starts_after(app)
    return {
        "after": {
            logical.get(name, name): [logical[other] for other in earlier if other in logical]
            for name, earlier in after.items()
        },
        "last": [
            logical[name]
            for name, earlier in after.items()
            if name in logical and not set(earlier) <= set(logical)
        ],
    }


def _routes(
    settings: StackSettings, app: AppSettings, free: Mapping[str, WorkloadSettings]
) -> dict[str, dict[str, Any]]:
    """The gateway's route to the exposed service and a route for each fault, unless a release writes them."""
    routes = {}
    for name, workload in free.items():
        fault, exposure = app.faults.get(name), exposure_of(settings, app, name)
        route = Route(app.namespace, name, port_of(workload), exposure=exposure, fault=fault)
        if exposure:
            routes[names.gateway_route_logical_name(app.namespace, name)] = make_exposure(route)
        if fault:
            routes[names.route_logical_name(app.namespace, name)] = make_service_route(route)
    return routes
