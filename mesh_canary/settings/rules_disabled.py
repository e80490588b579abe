"""Apps that are switched off: nothing of them is left to route."""

from mesh_canary.settings.parts import Parts, Rules
from mesh_canary.settings.problems import Problem


def check_releases_of_disabled_apps(parts: Parts) -> list[Problem]:
    """A release ends before its app goes: its record says which version carries the requests."""
    problems = []
    for name, release in parts.stranded.items():
        for app_name, app in parts.disabled.items():
            if app.has(release.namespace, release.service):
                rule = f"release {name} of its {release.service} is still in the file"
                hint = (
                    f"end it (stage: rolled_back, or promoted with retire_stable: true), then take releases.{name}"
                    " out and let the app run that version, then switch the app off: one `pulumi up` each"
                )
                problems.append(Problem(f"apps.{app_name}.enabled", "false", rule, hint))
    return problems


RULES: Rules = ((frozenset({"apps"}), check_releases_of_disabled_apps),)
