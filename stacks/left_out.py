"""What the state holds and the stack file leaves out, where leaving it out would take a running service away.

Pulumi deletes what a program no longer registers. Where that is traffic, the run is refused before anything changes,
with the commands that make Pulumi forget an object without touching it.
"""

from collections.abc import Iterator

from components.canary_release import TYPE
from mesh_canary.release import check_unfinished
from mesh_canary.routing import names
from mesh_canary.settings import Problem, StackSettings
from stacks.records import State
from stacks.translation import workloads_of

APPS = ("mesh-canary:index:App$", "mesh-canary:index:Bookinfo$", "mesh-canary:index:Pitstop$")


def check_left_out(settings: StackSettings, state: State) -> list[Problem]:
    """What another stack releases from now on, and namespaces that a release works in, are not deleted here."""
    return [*_check_handed_over(settings, state), *_check_namespaces(settings, state)]


def check_unfinished_in(settings: StackSettings, state: State) -> list[Problem]:
    """A release without a record stays in the stack file."""
    components = {
        _name(urn): resource["outputs"].get("record")
        for urn, resource in state.items()
        if resource["type"] == TYPE
    }
    return [
        problem
        for name, record in components.items()
        if record is None and name not in settings.releases
        for problem in check_unfinished(name)
    ]


def _check_handed_over(settings: StackSettings, state: State) -> list[Problem]:
    problems = []
    for name, app in settings.apps.items():
        for index, service in enumerate(app.released_elsewhere):
            mine = [*_objects_of(state, app.namespace, service)]
            if service in app.workload_names and workloads_of(app)[service].selector == "version":
                mine += _service_in(state, app.namespace, service)
            rule = "runs in this stack; left out, it would be deleted"
            hint = f"let it go untouched, then the other stack takes it over: {_forget(mine)}"
            key = f"apps.{name}.released_elsewhere[{index}]"
            problems += [Problem(key, service, rule, hint)] if mine else []
    return problems


def _objects_of(state: State, namespace: str, service: str) -> Iterator[str]:
    """URNs of what an app of the state runs for a service: Deployment, budget, autoscaler, routes."""
    inside = {urn: r for urn, r in state.items() if any(app in urn for app in APPS)}
    routes = {
        names.route_logical_name(namespace, service),
        names.gateway_route_logical_name(namespace, service),
    }
    for urn, resource in inside.items():
        metadata = resource["outputs"].get("metadata") or {}
        found = metadata.get("namespace"), (metadata.get("labels") or {}).get("app")
        if resource["type"].endswith(":Deployment") and found == (namespace, service):
            workload = _name(urn).removesuffix("-deployment")
            yield from (
                u for u in inside if _name(u) in {f"{workload}-{r}" for r in names.WORKLOAD_ROLES}
            )
        elif _name(urn) in routes:
            yield urn


def _service_in(state: State, namespace: str, service: str) -> list[str]:
    """The URN of the Service that an app of the state has; a release that is elsewhere writes a narrow one."""
    name = names.service_logical_name(namespace, service)
    return [urn for urn in state if _name(urn) == name and any(app in urn for app in APPS)]


def _check_namespaces(settings: StackSettings, state: State) -> list[Problem]:
    """A namespace is not deleted while a release of the stack file works in it."""
    installed = {app.namespace for app in settings.apps.values() if app.created}
    problems = []
    for urn, resource in state.items():
        namespace = ((resource["outputs"].get("metadata")) or {}).get("name")
        gone = resource["type"].endswith(":Namespace") and any(app in urn for app in APPS)
        if not gone or namespace in installed:
            continue
        for name, release in settings.releases.items():
            if release.namespace == namespace:
                rule = "the app that set this namespace up is left out; it would be deleted"
                hint = f"keep the app at install: true, or let its objects go untouched: {_forget([urn])} (and so on)"
                problems.append(Problem(f"releases.{name}.namespace", namespace, rule, hint))
    return problems


def _forget(urns: list[str]) -> str:
    return "; ".join(f"pulumi state delete '{urn}'" for urn in urns)


def _name(urn: str) -> str:
    return urn.rsplit("::", 1)[-1]
