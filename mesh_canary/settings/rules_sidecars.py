"""Rules about sidecars: whose they are, and whether anybody follows the route of a release."""

from mesh_canary.settings.apps import AppSettings
from mesh_canary.settings.mesh import IstioSettings
from mesh_canary.settings.parts import Parts, Rules
from mesh_canary.settings.problems import Problem
from mesh_canary.settings.release import ReleaseSettings, Stage
from mesh_canary.settings.sidecars import has_sidecar


def check_chosen_workloads(parts: Parts) -> list[Problem]:
    """Sidecars are for workloads of the app, each named once."""
    problems = []
    for name, app in parts.apps.items():
        chosen = app.sidecars if isinstance(app.sidecars, tuple) else ()
        known = app.pod_names
        for index, workload in enumerate(chosen):
            key = f"apps.{name}.sidecars[{index}]"
            if workload not in known:
                rule, hint = f"not a workload of app {name}", f"one of: {', '.join(known)}"
                problems.append(Problem(key, workload, rule, hint))
            elif workload in chosen[:index]:
                problems.append(Problem(key, workload, "named twice", "name it once"))
    return problems


def check_somebody_follows_the_route(parts: Parts) -> list[Problem]:
    """The route of a release is followed by proxies: the gateway's, or the sidecars of those who call the service.

    Where one version runs alone nobody has to, so a rollback is not refused for it.
    """
    if not isinstance(parts.mesh, IstioSettings):
        return []
    rule = "no pod of this stack has a sidecar, and no gateway leads to it: nobody would follow its route"
    hint = "set `sidecars` of the app that calls it: true, or a list with the callers"
    return [
        Problem(f"releases.{name}.service", release.service, rule, hint)
        for name, release in parts.releases.items()
        if not _runs_alone(release)
        and not _is_exposed(parts, release)
        and not any(_has_any(parts, app) for app in parts.apps.values())
    ]


def _runs_alone(release: ReleaseSettings) -> bool:
    """Whether one version runs and no other."""
    ended = release.stage is Stage.PROMOTED and release.retire_stable
    return (ended or release.stage is Stage.ROLLED_BACK) and not release.unrouted


def _is_exposed(parts: Parts, release: ReleaseSettings) -> bool:
    return any(
        app.expose and (app.namespace, app.expose.workload) == (release.namespace, release.service)
        for app in parts.apps.values()
    )


def _has_any(parts: Parts, app: AppSettings) -> bool:
    return any(has_sidecar(parts.mesh, app, workload) for workload in app.pod_names)


RULES: Rules = (
    (frozenset(), check_chosen_workloads),
    (frozenset({"mesh", "apps", "gateway"}), check_somebody_follows_the_route),
)
