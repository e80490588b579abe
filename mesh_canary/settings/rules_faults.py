"""Faults between the parts of a stack: somebody's proxy has to make them, and this stack has to write the route."""

from collections.abc import Iterator

from mesh_canary.settings.apps import CLIENT, AppSettings
from mesh_canary.settings.mesh import IstioSettings
from mesh_canary.settings.parts import Parts, Rules
from mesh_canary.settings.pitstop import RELEASABLE
from mesh_canary.settings.ports import HTTP_NAMES
from mesh_canary.settings.problems import Problem
from mesh_canary.settings.sidecars import has_sidecar


def check_faults_have_a_workload(parts: Parts) -> list[Problem]:
    """A fault is put before a workload of its app."""
    return [
        Problem(
            key, "", f"not a workload of app {name}", f"one of: {', '.join(app.workload_names)}"
        )
        for key, name, app, workload in _faults(parts)
        if workload not in app.workload_names
    ]


def check_faults_are_of_http(parts: Parts) -> list[Problem]:
    """A fault is made of HTTP requests; of a worker's or a database's there are none."""
    rule = "a fault is made of HTTP requests, and its first port is not for HTTP"
    hint = "put it before a workload that is called by HTTP (port, or a port named http-...)"
    return [
        Problem(key, "", rule, hint)
        for key, _, app, workload in _faults(parts)
        if workload in app.workload_names and not _speaks_http(app, workload)
    ]


def _speaks_http(app: AppSettings, workload: str) -> bool:
    if app.kind == "pitstop":
        return workload in RELEASABLE
    if app.kind == "bookinfo":
        return True
    first = next(iter(app.workloads[workload].listens), "")
    return first.partition("-")[0] in HTTP_NAMES


def check_mesh_for_faults(parts: Parts) -> list[Problem]:
    """A fault is made by a proxy: without Istio nothing would happen."""
    rule = "a fault is made by the proxies of Istio, and mesh.kind is not istio"
    hint = "leave it out, or describe the mesh under `mesh` (install: false if it is there already)"
    return [
        Problem(key, "", rule, hint)
        for key, *_ in _faults(parts)
        if not isinstance(parts.mesh, IstioSettings)
    ]


def check_somebody_makes_the_fault(parts: Parts) -> list[Problem]:
    """It is the caller's proxy that makes a fault, that of a workload of the app or the gateway's."""
    rule = "the proxy of its caller makes a fault, and no caller has a sidecar"
    hint = "set sidecars: true for the app, or leave the fault out"
    return [
        Problem(key, "", rule, hint)
        for key, _, app, workload in _faults(parts)
        if isinstance(parts.mesh, IstioSettings)
        and not any(has_sidecar(parts.mesh, app, caller) for caller in _callers(app, workload))
        and not (app.expose and app.expose.workload == workload)
    ]


def _callers(app: AppSettings, workload: str) -> tuple[str, ...]:
    return (*app.callers_of(workload), *([CLIENT] if app.client else []))


def check_fault_routes_are_ours(parts: Parts) -> list[Problem]:
    """A fault is part of the route, which the stack writes that sets the app up or releases the service."""
    released = {(release.namespace, release.service) for release in parts.releases.values()}
    problems = []
    for key, _, app, workload in _faults(parts):
        if app.expose and workload == f"{app.expose.workload}-gateway":
            rule = f"its route would have the name of the gateway's route to {app.expose.workload}"
            problems.append(Problem(key, "", rule, "give the workload another name"))
        if (app.namespace, workload) in released:
            continue
        if workload in app.released_elsewhere:
            rule = "released_elsewhere says that another stack releases it, and so writes its route"
            problems.append(Problem(key, "", rule, "put the fault into that stack's file"))
        elif not app.install:
            rule = "the app is set up by another stack (install: false), which writes its routes"
            problems.append(Problem(key, "", rule, "put the fault into that stack's file"))
    return problems


def _faults(parts: Parts) -> Iterator[tuple[str, str, AppSettings, str]]:
    """Key, app's name, app and workload of every fault."""
    for name, app in parts.apps.items():
        for workload in app.faults:
            yield f"apps.{name}.faults.{workload}", name, app, workload


RULES: Rules = (
    (frozenset(), check_faults_have_a_workload),
    (frozenset(), check_faults_are_of_http),
    (frozenset({"mesh"}), check_mesh_for_faults),
    (frozenset({"mesh"}), check_somebody_makes_the_fault),
    (frozenset({"releases"}), check_fault_routes_are_ours),
)
