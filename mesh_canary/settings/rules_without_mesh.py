"""What holds where `mesh.kind` is none: pods carry weights, so their number is the release's business alone."""

from collections.abc import Iterator

from mesh_canary.settings.mesh import NoMeshSettings
from mesh_canary.settings.parts import Parts, Rules
from mesh_canary.settings.problems import Problem
from mesh_canary.settings.release import ReleaseSettings
from mesh_canary.settings.workloads import WorkloadSettings

WITHOUT = "mesh.kind is none"
PODS = ("max_pods", "tolerance_percent")
PROXIES = ("timeout_seconds", "retries")


def check_pods_where_they_count(parts: Parts) -> list[Problem]:
    """Pod counts are said exactly where they carry the weights."""
    problems = []
    for name, release in parts.releases.items():
        key = f"releases.{name}"
        if _is_without(parts) and release.max_pods is None:
            rule = f"{WITHOUT}, so pods carry the weights, and somebody has to say how many there may be"
            hint = "for example max_pods: 10, which gives 10 % as 9 + 1"
            problems.append(Problem(f"{key}.max_pods", "", rule, hint))
        if parts.mesh and not _is_without(parts):
            rule = f"mesh.kind is {parts.mesh.kind}, so proxies carry the weights and pods do not"
            problems += [
                Problem(f"{key}.{said}", f"{getattr(release, said):g}", rule, "leave it out")
                for said in PODS
                if said in release.model_fields_set and getattr(release, said) is not None
            ]
    return problems


def check_nobody_else_scales(parts: Parts) -> list[Problem]:
    """An autoscaler would move the share with the load."""
    rule = f"{WITHOUT}: the number of pods is the weight, and an autoscaler would change it"
    hint = "leave autoscale out and set replicas; or describe a mesh under `mesh`"
    return [
        Problem(f"{key}.autoscale", "", rule, hint)
        for key, workload in _released(parts)
        if workload.autoscale
    ]


def check_nobody_recreates(parts: Parts) -> list[Problem]:
    """A Deployment that ends its pods before it starts others would leave the Service without any."""
    rule = f"{WITHOUT}: to join, pods start anew, and recreate would end all of them first"
    hint = "leave strategy out; or describe a mesh under `mesh`"
    return [
        Problem(f"{key}.strategy", "recreate", rule, hint)
        for key, workload in _released(parts)
        if workload.strategy == "recreate"
    ]


def check_no_proxy_is_asked(parts: Parts) -> list[Problem]:
    """Timeouts and retries are a proxy's business."""
    rule = f"{WITHOUT}: no proxy stands between caller and pod that could do it"
    hint = "leave it out and set it in the callers; or describe a mesh under `mesh`"
    return [
        Problem(f"releases.{name}.{said}", "", rule, hint)
        for name, release in parts.releases.items()
        if _is_without(parts)
        for said in PROXIES
        if getattr(release, said) is not None
    ]


def check_gateway_has_a_mesh(parts: Parts) -> list[Problem]:
    """A gateway is part of a mesh, also one that is there already."""
    gateways = {"gateway": parts.gateway, "egress_gateway": parts.egress_gateway}
    rule = f"{WITHOUT}, and a gateway is part of a mesh"
    hints = {
        "gateway": "leave it out: `expose` then makes the workload's Service a LoadBalancer",
        "egress_gateway": "leave it out, or describe a mesh under `mesh`",
    }
    return [
        Problem(key, "", rule, hints[key])
        for key, gateway in gateways.items()
        if _is_without(parts) and gateway is not None
    ]


def check_exposure_fits(parts: Parts) -> list[Problem]:
    """A Service has a type and a port and knows no hosts and paths."""
    if not _is_without(parts):
        return []
    rule = f"{WITHOUT}: a Service takes every host and path"
    hint = "leave it out; an Ingress or a mesh with a gateway can tell them apart"
    return [
        Problem(f"apps.{name}.expose.{key}", "", rule, hint)
        for name, app in parts.apps.items()
        if app.expose
        for key in ("host", "paths")
        if key in app.expose.model_fields_set
    ]


def _is_without(parts: Parts) -> bool:
    return isinstance(parts.mesh, NoMeshSettings)


def _released(parts: Parts) -> Iterator[tuple[str, WorkloadSettings]]:
    """Key and settings of every workload of the stack file that is under release without a mesh."""
    for release in _releases(parts):
        for name, app in parts.apps.items():
            workload = app.workloads.get(release.service)
            if workload and app.has(release.namespace, release.service):
                yield f"apps.{name}.workloads.{release.service}", workload


def _releases(parts: Parts) -> Iterator[ReleaseSettings]:
    """The releases that pods carry out."""
    if _is_without(parts):
        yield from parts.releases.values()


MESH = frozenset({"mesh"})
RULES: Rules = (
    (MESH, check_pods_where_they_count),
    (MESH, check_nobody_else_scales),
    (MESH, check_nobody_recreates),
    (MESH, check_no_proxy_is_asked),
    (MESH | {"gateway", "egress_gateway"}, check_gateway_has_a_mesh),
    (MESH, check_exposure_fits),
)
