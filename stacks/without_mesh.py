"""What a stack without a mesh does otherwise: Services select on a label, and pods carry the weights of releases."""

from collections.abc import Mapping
from typing import Any

from components.canary_release import TYPE as RELEASE
from components.workload import WorkloadArgs
from mesh_canary.release import PodBudget, ReleasePlan
from mesh_canary.routing import Manifest, names
from mesh_canary.routing.kubernetes import make_note
from mesh_canary.settings import (
    AppSettings,
    NoMeshSettings,
    Problem,
    ReleaseSettings,
    StackSettings,
    WorkloadSettings,
)
from mesh_canary.workloads.joining import drained, expose_service, join, select_joined
from mesh_canary.workloads.versions import with_version
from stacks.records import State
from stacks.translation import router_of, workloads_of

HANDED_BACK = "end it and take it out first (rolled_back, or promoted with retire_stable: true); then change the mesh"
MOVED = "a namespace of its own for the app; or take the app out (enabled: false), `pulumi up`, and put it back"


def is_without(settings: StackSettings) -> bool:
    """Whether the stack says that there is no mesh."""
    return isinstance(settings.mesh, NoMeshSettings)


def budget_of(settings: StackSettings, release: ReleaseSettings) -> PodBudget | None:
    """How many pods a release may use; None where proxies carry its weights."""
    if router_of(settings).splits_by == "requests":
        return None
    _, app = settings.app_of(release)
    workload = workloads_of(app)[release.service]
    stable, canary = (with_version(workload, v).replicas for v in (release.stable, release.canary))
    return PodBudget(stable, canary, release.max_pods or 0, release.tolerance_percent)


def joined(settings: StackSettings, args: WorkloadArgs, *, serves: bool = True) -> WorkloadArgs:
    """`args` with pods that say whether they serve; as they are where a mesh tells versions apart."""
    if not is_without(settings):
        return args
    deployment, *beside = args["manifests"]
    return {**args, "manifests": [join(deployment, joined=serves), *beside]}


def served(settings: StackSettings, app: AppSettings, name: str, service: Manifest) -> Manifest:
    """The Service of a workload of `app`: it selects pods that serve, and users may reach the exposed one by it."""
    without, expose = is_without(settings), app.expose
    if without:
        service = select_joined(service)
    if expose is None or expose.workload != name or not (without or expose.by_service):
        return service
    return expose_service(service, expose.service_type, expose.port)


def shaped(
    settings: StackSettings, workload: WorkloadSettings, plan: ReleasePlan | None = None
) -> WorkloadSettings:
    """`workload` as it is without a mesh: it drains, and under a plan by pods it has the plan's number of them."""
    if not is_without(settings):
        return workload
    pods = plan.pods if plan else ()
    replicas = {p.version: p.replicas for p in pods}.get(workload.version, workload.replicas)
    return drained(workload).model_copy(update={"replicas": replicas})


def counted_args(
    settings: StackSettings, plan: ReleasePlan, version: str, args: WorkloadArgs
) -> WorkloadArgs:
    """A version of a release with pods that serve if the plan says so, and with a note of all that it says."""
    pods = next((p for p in plan.pods if p.version == version), None)
    if pods is None:
        return args
    deployment, *beside = joined(settings, args, serves=pods.joined)["manifests"]
    metadata = deployment["metadata"]
    note = make_note(plan.split, plan.pods, version)
    if plan.record.put_back:
        note[names.PUT_BACK] = plan.record.put_back
    noted = {**metadata, "annotations": {**metadata["annotations"], **note}}
    return {**args, "manifests": [{**deployment, "metadata": noted}, *beside]}


def check_mesh_stays(settings: StackSettings, state: State) -> list[Problem]:
    """A Service that is there is narrowed never, and widened while nothing is under release.

    Service and pods would change in one run, the Service first. Narrowed, it would select nobody until its pods have
    followed; widened, a dark canary's pods too.
    """
    ours = {app.namespace for app in settings.apps.values() if app.created}
    changed = {
        f"{metadata['namespace']}/{metadata['name']}"
        for resource in state.values()
        if resource["type"] == "kubernetes:core/v1:Service"
        and (metadata := resource["outputs"].get("metadata") or {}).get("namespace") in ours
        and any(app.has(metadata["namespace"], metadata["name"]) for app in settings.apps.values())
        and (names.SERVES in _selector_of(resource)) is not is_without(settings)
    }
    released = any(resource["type"] == RELEASE for resource in state.values())
    kind = settings.mesh.kind if settings.mesh else ""
    if not changed or not (is_without(settings) or released):
        return []
    services = ", ".join(sorted(changed))
    if is_without(settings):
        rule = f"pods that run are without the label that Services select on then: {services}"
        return [Problem("mesh.kind", kind, rule, MOVED)]
    rule = f"pods carry the weights of a release of this stack: {services}"
    return [Problem("mesh.kind" if kind else "mesh", kind, rule, HANDED_BACK)]


def _selector_of(resource: Mapping[str, Any]) -> Mapping[str, str]:
    selector: Mapping[str, str] = (resource["outputs"].get("spec") or {}).get("selector") or {}
    return selector
