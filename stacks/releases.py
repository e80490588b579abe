"""Plans every release, refuses what may not follow, and applies the rest."""

from collections.abc import Mapping
from typing import Any

import pulumi

from components.app import App
from components.canary_release import CanaryRelease, CanaryReleaseArgs
from components.workload import WorkloadArgs
from mesh_canary.release import (
    LiveRoute,
    Record,
    ReleasePlan,
    check_pods,
    check_removal,
    check_transition,
    explain_live,
    next_moves,
    plan_release,
)
from mesh_canary.routing import Manifest, check_capabilities, names
from mesh_canary.settings import Problem, ReleaseSettings, StackSettings, VersionSettings
from mesh_canary.settings.sidecars import explain_bypass
from mesh_canary.workloads import with_tags
from stacks.apps import app_urn
from stacks.cluster import Cluster
from stacks.config import require_none
from stacks.live_routes import Routes, deployed, live_route
from stacks.rotation import noted_revisions
from stacks.sidecars import Injection
from stacks.translation import (
    is_narrow,
    route_of,
    router_of,
    service_of,
    standing_of,
    version_of,
    workload_args,
)
from stacks.without_mesh import budget_of, counted_args, shaped


def plan_releases(
    settings: StackSettings, records: Mapping[str, Record], routes: Routes
) -> dict[str, ReleasePlan]:
    """The plan of every release. Raises pulumi.RunError with everything that speaks against any of them."""
    plans: dict[str, ReleasePlan] = {}
    problems: list[Problem] = []
    standing, router = standing_of(settings), router_of(settings)
    own = {name: record for name, record in records.items() if _is_still(settings, name, record)}
    for name, release in settings.releases.items():
        record, live = own.get(name), live_route(settings, release, own.get(name), routes)
        budget = budget_of(settings, release)
        problems += check_transition(name, release, record, live, standing)
        problems += check_pods(name, release, live, budget) if budget else []
        narrow = is_narrow(settings, release)
        plans[name] = plan_release(release, record, live, budget=budget, narrow=narrow)
        problems += check_capabilities(name, router, plans[name].split)
        tell(name, plans[name], record, live)
        if settings.mesh and settings.mesh.kind == "istio":
            tell_bypass(settings, name, release)
    for name in sorted(records.keys() - own.keys()):
        problems += check_removal(name, records[name], standing, _running(records[name], routes))
    require_none(problems)
    return plans


def _running(record: Record, routes: Routes) -> tuple[str, ...] | None:
    """The versions that the cluster runs of a recorded service; None where it did not answer."""
    if routes.unanswered:
        return None
    return tuple(d.version for d in deployed(routes, record.namespace, record.service))


def tell(name: str, plan: ReleasePlan, record: Record | None, live: LiveRoute | None) -> None:
    """Warns of what the cluster holds besides the record; a preview of a new stage says what users will notice."""
    for warning in explain_live(name, plan, record, live):
        pulumi.log.warn(warning)
    if pulumi.runtime.is_dry_run() and not (record and record.is_at(plan.release)):
        pulumi.log.info(f"releases.{name}: {plan.notice}")


def tell_bypass(settings: StackSettings, name: str, release: ReleaseSettings) -> None:
    """A preview says which callers of the service have no sidecar, and so do not follow its route."""
    _, app = settings.app_of(release)
    bypass = explain_bypass(settings.mesh, app, release.service)
    if bypass and pulumi.runtime.is_dry_run():
        pulumi.log.warn(f"releases.{name}: {bypass}")


def _is_still(settings: StackSettings, name: str, record: Record) -> bool:
    """Whether the stack file still has the release, of the same service."""
    return name in settings.releases and record.is_of(settings.releases[name])


def build_releases(
    settings: StackSettings,
    plans: Mapping[str, ReleasePlan],
    cluster: Cluster,
    apps: Mapping[str, App],
    injection: Injection,
) -> dict[str, CanaryRelease]:
    """Every release of the stack, after the app whose service it is about."""
    built = {}
    for name, plan in plans.items():
        app_name, _ = settings.app_of(plan.release)
        opts = cluster.options()
        if app_name in apps:
            opts = pulumi.ResourceOptions.merge(
                opts,
                pulumi.ResourceOptions(depends_on=apps[app_name].needed_by(plan.release.service)),
            )
        built[name] = CanaryRelease(
            name, with_tags(release_args(settings, plan, injection), settings.tags), opts
        )
    return built


def release_args(
    settings: StackSettings, plan: ReleasePlan, injection: Injection
) -> CanaryReleaseArgs:
    """The plan and the manifests that carry it out on the stack's mesh."""
    app_name, app = settings.app_of(plan.release)
    router, route = router_of(settings), route_of(settings, plan.release)
    service = plan.release.service
    return {
        "plan": plan,
        "workloads": {
            v.version: revived(
                plan, injection.marked(app, service, _version_args(settings, plan, v, injection))
            )
            for v in plan.workloads
        },
        "subsets": list(router.make_subsets(route, plan.subsets)),
        "routes": [
            noted(made, plan.record.put_back) for made in router.make_routes(route, plan.split)
        ],
        "service": None if plan.selector is None else service_of(app, service, plan.selector),
        "description": describe(plan),
        "formerly": [app_urn(app_name, app)] if app.install else [],
    }


def _version_args(
    settings: StackSettings, plan: ReleasePlan, version: VersionSettings, injection: Injection
) -> WorkloadArgs:
    """A version under release, with the pods that the plan gives it where pods carry the weights."""
    app_name, app = settings.app_of(plan.release)
    workload = version_of(app, plan.release.service, version)
    joins = injection.joining.holds(app)
    shape = shaped(workload, plan) if joins else workload
    args = workload_args(app, plan.release.service, shape)
    args = noted_revisions(settings, app_name, workload, args)
    return counted_args(plan, version.version, args) if joins else args


def noted(manifest: Manifest, note: str) -> Manifest:
    """`manifest` with a note of what a rollback puts back, if anything: with it, it is written again."""
    if not note:
        return manifest
    metadata = manifest["metadata"]
    annotations = {**metadata.get("annotations", {}), names.PUT_BACK: note}
    return {**manifest, "metadata": {**metadata, "annotations": annotations}}


def revived(plan: ReleasePlan, workload: WorkloadArgs) -> WorkloadArgs:
    """`workload` with a note on its Deployment where its pods were gone: written, it is waited for."""
    deployment, *beside = workload["manifests"]
    return {**workload, "manifests": [noted(deployment, plan.record.revived), *beside]}


def describe(plan: ReleasePlan) -> dict[str, Any]:
    """What the stack's outputs say of a release: where it stands, and where it may go."""
    release = plan.release
    described: dict[str, Any] = {
        "stage": str(release.stage),
        "weights": dict(plan.split.weights),
        "versions": {"stable": release.stable.version, "canary": release.canary.version},
        "notice": plan.notice,
        "next": list(next_moves(release, plan.record)),
    }
    if plan.pods:
        described["pods"] = {p.version: p.replicas for p in plan.pods}
    if plan.split.mirror:
        described["mirror"] = {plan.split.mirror.version: plan.split.mirror.percent}
    return described
