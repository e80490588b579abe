"""What a stack without a mesh does otherwise: Services select on a label, and pods carry the weights of releases."""

from collections.abc import Iterator, Mapping

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
from stacks.records import State, records_in
from stacks.translation import router_of, workloads_of

HANDED_BACK = "end it and take it out first (rolled_back, or promoted with retire_stable: true); then change the mesh"
MOVED = "a namespace of its own for the app; or take the app out (enabled: false), `pulumi up`, and put it back"


def is_without(settings: StackSettings) -> bool:
    """Whether the stack says that there is no mesh."""
    return isinstance(settings.mesh, NoMeshSettings)


class Joining:
    """Which namespaces have Services that ask for pods that serve.

    Those of a stack without a mesh, and those that were set up so: under a mesh that came later pods keep the label and
    the time that they drain, so nobody restarts for what changes nothing.
    """

    def __init__(self, settings: StackSettings, state: State) -> None:
        """Looks up what the Services of `state` ask for."""
        self._without = is_without(settings)
        self._kept = {
            namespace for (namespace, _), selector in services_in(state) if names.SERVES in selector
        }

    def holds(self, app: AppSettings) -> bool:
        """Whether pods of `app` say whether they serve, and its Services ask."""
        return self._without or app.namespace in self._kept


def budget_of(settings: StackSettings, release: ReleaseSettings) -> PodBudget | None:
    """How many pods a release may use; None where proxies carry its weights."""
    if router_of(settings).splits_by == "requests":
        return None
    _, app = settings.app_of(release)
    workload = workloads_of(app)[release.service]
    stable, canary = (with_version(workload, v).replicas for v in (release.stable, release.canary))
    return PodBudget(stable, canary, release.max_pods or 0, release.tolerance_percent)


def joined(args: WorkloadArgs, *, serves: bool = True) -> WorkloadArgs:
    """`args` with pods that say whether they serve."""
    deployment, *beside = args["manifests"]
    return {**args, "manifests": [join(deployment, joined=serves), *beside]}


def served(
    settings: StackSettings, app: AppSettings, name: str, service: Manifest, *, asks: bool
) -> Manifest:
    """The Service of a workload of `app`: where it `asks` it selects pods that serve; users may reach one by it."""
    expose = app.expose
    if asks:
        service = select_joined(service)
    own = is_without(settings) or (expose is not None and expose.by_service)
    if expose is None or expose.workload != name or not own:
        return service
    return expose_service(service, expose.service_type, expose.port)


def explain_exposed(settings: StackSettings, app: AppSettings) -> dict[str, str]:
    """How users reach the workload that its Service exposes, in words that can be typed; nothing where none does."""
    if app.expose is None or not (is_without(settings) or app.expose.by_service):
        return {}
    name = app.expose.workload
    where = f"kubectl --context {settings.cluster.context} -n {app.namespace} get service {name}"
    kind = "node port" if app.expose.service_type == "NodePort" else "address"
    return {name: f"port {app.expose.port}; its {kind} is told by: {where}"}


def shaped(workload: WorkloadSettings, plan: ReleasePlan | None = None) -> WorkloadSettings:
    """`workload` as it is without a mesh: it drains, and under a plan by pods it has the plan's number of them."""
    pods = plan.pods if plan else ()
    replicas = {p.version: p.replicas for p in pods}.get(workload.version, workload.replicas)
    return drained(workload).model_copy(update={"replicas": replicas})


def counted_args(plan: ReleasePlan, version: str, args: WorkloadArgs) -> WorkloadArgs:
    """A version of a release with pods that serve if the plan says so, and with a note of all that it says.

    Where a mesh tells versions apart, all of them serve.
    """
    pods = next((p for p in plan.pods if p.version == version), None)
    if pods is None:
        return joined(args)
    deployment, *beside = joined(args, serves=pods.joined)["manifests"]
    metadata = deployment["metadata"]
    note = make_note(plan.split, plan.pods, version)
    if plan.record.put_back:
        note[names.PUT_BACK] = plan.record.put_back
    noted = {**metadata, "annotations": {**metadata["annotations"], **note}}
    return {**args, "manifests": [{**deployment, "metadata": noted}, *beside]}


def check_mesh_stays(settings: StackSettings, state: State) -> list[Problem]:
    """A mesh may come to apps that ran without one, between releases; it may not go from apps that came with one.

    Their Services do not ask for pods that serve. Both would be changed in one run, the Service first, and until the
    pods have followed nobody would answer. A release that pods carry out ends where it began.
    """
    ours = {app.namespace for app in settings.apps.values() if app.created}
    kind = settings.mesh.kind if settings.mesh else ""
    services = {
        f"{namespace}/{name}": names.SERVES in selector
        for (namespace, name), selector in services_in(state)
        if namespace in ours and any(app.has(namespace, name) for app in settings.apps.values())
    }
    changed = ", ".join(sorted(name for name, asks in services.items() if not asks))
    if is_without(settings) and changed:
        rule = f"pods that run are without the label that Services select on then: {changed}"
        return [Problem("mesh.kind", kind, rule, MOVED)]
    carried = ", ".join(
        sorted(
            f"{record.namespace}/{record.service}"
            for record in records_in(state).values()
            if bool(record.pods) is not is_without(settings)
        )
    )
    carriers = "proxies carry" if is_without(settings) else "pods carry"
    rule = f"{carriers} the weights of a release of this stack: {carried}"
    key = "mesh.kind" if kind else "mesh"
    return [Problem(key, kind, rule, HANDED_BACK)] if carried else []


def services_in(state: State) -> Iterator[tuple[tuple[str, str], Mapping[str, str]]]:
    """(namespace, name) and selector of every Service in the state."""
    for resource in state.values():
        if resource["type"] == "kubernetes:core/v1:Service":
            metadata = resource["outputs"].get("metadata") or {}
            selector = (resource["outputs"].get("spec") or {}).get("selector") or {}
            yield (str(metadata.get("namespace")), str(metadata.get("name"))), selector
