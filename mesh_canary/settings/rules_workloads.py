"""What a workload has to be like before requests can be routed to it."""

from collections.abc import Iterator

from mesh_canary.settings.mesh import NoMeshSettings
from mesh_canary.settings.parts import Parts, Rules
from mesh_canary.settings.problems import Problem
from mesh_canary.settings.workloads import WorkloadSettings

OWN_SERVICE = "keep the data in a service of its own, or update without a release"

WIDE = "without a mesh a release needs `selector: app`, which is the default"


def check_routed_workloads_listen(parts: Parts) -> list[Problem]:
    """A route needs a Service, and a Service a port."""
    problems = []
    for name, app in parts.apps.items():
        workload = app.workloads.get(app.expose.workload) if app.expose else None
        if workload and not workload.listens:
            key = f"apps.{name}.expose.workload"
            rule = "nobody calls it (ports: {}), so there is nothing to expose"
            shown = app.expose.workload if app.expose else ""
            problems.append(Problem(key, shown, rule, "expose another one, or give it a port"))
    for key, service, workload in _released(parts):
        if not workload.listens:
            rule = "nobody calls it (ports: {}), so it has no requests to shift"
            hint = "give the workload its new image, without a release"
            problems.append(Problem(key, service, rule, hint))
    return problems


def check_released_workloads_share_nothing(parts: Parts) -> list[Problem]:
    """Two versions run beside each other, and a claim may be for one pod at a time."""
    return [
        Problem(key, service, f"both versions would write to its volume {name}", OWN_SERVICE)
        for key, service, workload in _released(parts)
        for name, volume in workload.volumes.items()
        if volume.size
    ]


def check_narrow_services_have_a_mesh(parts: Parts) -> list[Problem]:
    """Without a mesh the Service itself is the route: it selects every version that joins."""
    return [
        Problem(key, service, "its Service selects one version alone (selector: version)", WIDE)
        for key, service, workload in _released(parts)
        if workload.selector == "version" and isinstance(parts.mesh, NoMeshSettings)
    ]


def _released(parts: Parts) -> Iterator[tuple[str, str, WorkloadSettings]]:
    """Key, service and workload of every release of a workload that the stack file describes."""
    for name, release in parts.releases.items():
        for app in parts.apps.values():
            workload = app.workloads.get(release.service)
            if app.namespace == release.namespace and workload:
                yield f"releases.{name}.service", release.service, workload


RULES: Rules = (
    (frozenset({"mesh"}), check_narrow_services_have_a_mesh),
    (frozenset(), check_routed_workloads_listen),
    (frozenset(), check_released_workloads_share_nothing),
)
