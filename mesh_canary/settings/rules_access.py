"""Who may call whom, and whether the mesh can tell: callers and called need an identity, which a sidecar has."""

from collections.abc import Iterator

from mesh_canary.settings.access import GATEWAY
from mesh_canary.settings.apps import AppSettings
from mesh_canary.settings.mesh import IstioSettings
from mesh_canary.settings.parts import Parts, Rules
from mesh_canary.settings.problems import Problem
from mesh_canary.settings.sidecars import has_sidecar

WITHOUT = "a caller without a sidecar has no identity and would get 403"


def check_access_has_a_workload(parts: Parts) -> list[Problem]:
    """Access is set for a workload of its app, and this stack sets that app up."""
    problems = []
    for key, name, app, workload in _access(parts):
        if workload not in app.workload_names:
            hint = f"one of: {', '.join(app.workload_names)}"
            problems.append(Problem(key, "", f"not a workload of app {name}", hint))
        elif not app.install:
            rule = "the app is set up by another stack (install: false), which says who may call"
            problems.append(Problem(key, "", rule, "put it into that stack's file"))
    return problems


def check_mesh_for_access(parts: Parts) -> list[Problem]:
    """Without Istio nobody asks a caller who it is."""
    rule = "the proxies of Istio ask callers who they are, and mesh.kind is not istio"
    hint = "leave it out, or describe the mesh under `mesh` (install: false if it is there already)"
    return [
        Problem(key, "", rule, hint)
        for key, *_ in _access(parts)
        if not isinstance(parts.mesh, IstioSettings)
    ]


def check_called_has_a_sidecar(parts: Parts) -> list[Problem]:
    """It is the called workload's own proxy that refuses."""
    rule = "its own sidecar refuses callers, and it has none"
    hint = "set sidecars: true for the app, or name the workload in sidecars"
    return [
        Problem(key, "", rule, hint)
        for key, _, app, workload in _access(parts)
        if isinstance(parts.mesh, IstioSettings)
        and workload in app.workload_names
        and not has_sidecar(parts.mesh, app, workload)
    ]


def check_callers(parts: Parts) -> list[Problem]:
    """Every caller is known and has an identity."""
    problems = []
    for key, _, app, workload in _access(parts):
        for index, caller in enumerate(app.access[workload].callers):
            if found := _check_caller(parts, app, caller):
                problems.append(Problem(f"{key}.from[{index}]", caller, *found))
    return problems


def _check_caller(parts: Parts, app: AppSettings, caller: str) -> tuple[str, str] | None:
    """Rule and hint; None where all is well."""
    if caller == GATEWAY:
        hint = "describe the gateway under `gateway`, or leave it out"
        return None if parts.gateway else ("there is no gateway", hint)
    if caller not in app.pod_names:
        return "not a workload of the app", f"one of: {', '.join((*app.pod_names, GATEWAY))}"
    if isinstance(parts.mesh, IstioSettings) and not has_sidecar(parts.mesh, app, caller):
        return WITHOUT, "give it a sidecar (sidecars: true, or name it there), or leave it out"
    return None


def check_exposed_lets_the_gateway_in(parts: Parts) -> list[Problem]:
    """What is exposed is called by the gateway."""
    rule = "it is exposed, and all requests from outside would get 403"
    return [
        Problem(f"{key}.from", "", rule, f"add {GATEWAY}, or take expose out")
        for key, _, app, workload in _access(parts)
        if app.expose
        and app.expose.workload == workload
        and GATEWAY not in app.access[workload].callers
    ]


def check_mutual_tls_has_sidecars(parts: Parts) -> list[Problem]:
    """Mutual TLS asked of a service whose pods have no sidecar: every request would fail with 503."""
    rule = "its versions have no sidecar to answer it: every request would get 503"
    hint = "leave it out, or set sidecars: true for the app"
    return [
        Problem(f"releases.{name}.mutual_tls", "true", rule, hint)
        for name, release in parts.releases.items()
        for app in parts.apps.values()
        if release.mutual_tls
        and app.namespace == release.namespace
        and release.service in app.workload_names
        and not has_sidecar(parts.mesh, app, release.service)
    ]


def _access(parts: Parts) -> Iterator[tuple[str, str, AppSettings, str]]:
    """Key, app's name, app and workload of everything with access rules."""
    for name, app in parts.apps.items():
        for workload in app.access:
            yield f"apps.{name}.access.{workload}", name, app, workload


RULES: Rules = (
    (frozenset(), check_access_has_a_workload),
    (frozenset({"mesh"}), check_mesh_for_access),
    (frozenset({"mesh"}), check_called_has_a_sidecar),
    (frozenset({"mesh", "gateway"}), check_callers),
    (frozenset(), check_exposed_lets_the_gateway_in),
    (frozenset({"mesh"}), check_mutual_tls_has_sidecars),
)
