"""Rules between load tests and the apps that they ask."""

from mesh_canary.settings.apps import AppSettings
from mesh_canary.settings.linkerd import LinkerdSettings
from mesh_canary.settings.load_tests import LONGEST_NAME
from mesh_canary.settings.parts import Parts, Rules
from mesh_canary.settings.pitstop import RELEASABLE
from mesh_canary.settings.problems import Problem
from mesh_canary.settings.sidecars import has_sidecar


def check_names(parts: Parts) -> list[Problem]:
    """A Job and its pods are named after a load test."""
    rule = (
        f"the name of a load test has at most {LONGEST_NAME} characters: its Job is named after it"
    )
    return [
        Problem(f"load_tests.{name}", "", rule, "give it a shorter name")
        for name in parts.load_tests
        if len(name) > LONGEST_NAME
    ]


def check_targets(parts: Parts) -> list[Problem]:
    """What is asked is a workload of an app of this stack."""
    problems = []
    for name, test in parts.load_tests.items():
        app = parts.apps.get(test.app)
        if test.app in parts.disabled:
            if test.running:
                rule, hint = "the app is switched off", f"set load_tests.{name}.running: false"
                problems.append(Problem(f"load_tests.{name}.app", test.app, rule, hint))
        elif app is None:
            known = ", ".join(parts.apps) or "none yet: describe it under `apps`"
            rule, hint = "not an app of this stack", f"one of: {known}"
            problems.append(Problem(f"load_tests.{name}.app", test.app, rule, hint))
        elif test.workload not in app.workload_names:
            rule = f"not a workload of app {test.app}"
            hint = f"one of: {', '.join(app.workload_names)}"
            problems.append(Problem(f"load_tests.{name}.workload", test.workload, rule, hint))
        elif not _listens(app, test.workload):
            rule = f"{test.workload} has no pages: nobody asks it by HTTP"
            hint = "name a workload that has pages"
            problems.append(Problem(f"load_tests.{name}.workload", test.workload, rule, hint))
    return problems


def check_sidecars(parts: Parts) -> list[Problem]:
    """Errors of the calls that a workload makes are read at its sidecar, which is Istio's."""
    if isinstance(parts.mesh, LinkerdSettings):
        rule, hint = (
            "the figures of calls are read from Istio's sidecars, and this mesh is Linkerd",
            "set api_errors: false to count page answers alone",
        )
        return [
            Problem(f"load_tests.{name}.api_errors", "true", rule, hint)
            for name, test in parts.load_tests.items()
            if test.api_errors
        ]
    return [
        Problem(
            f"load_tests.{name}.api_errors",
            "true",
            f"{test.workload} has no sidecar, which is what sees its calls fail",
            "give it one (mesh, and sidecars of the app), or set api_errors: false to count page answers alone",
        )
        for name, test in parts.load_tests.items()
        if test.api_errors
        and (app := parts.apps.get(test.app))
        and test.workload in app.workload_names
        and not has_sidecar(parts.mesh, app, test.workload)
    ]


def _listens(app: AppSettings, name: str) -> bool:
    """Whether anybody can ask a workload."""
    if app.kind == "pitstop":
        return name in RELEASABLE
    return name not in app.workloads or bool(app.workloads[name].listens)


RULES: Rules = (
    (frozenset(), check_names),
    (frozenset({"apps"}), check_targets),
    (frozenset({"apps", "mesh"}), check_sidecars),
)
