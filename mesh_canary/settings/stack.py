"""The root of a stack's settings, and the rules between its parts."""

from collections.abc import Mapping
from typing import Self

from pydantic import Field, ValidationError, model_validator

from mesh_canary.settings.apps import AppSettings
from mesh_canary.settings.cluster import ClusterSettings, GatewaySettings, MeshSettings
from mesh_canary.settings.errors import problems_of
from mesh_canary.settings.fields import K8sName, Settings
from mesh_canary.settings.problems import Contradiction, Problem, require_none
from mesh_canary.settings.release import ReleaseSettings

BOOKINFO_WORKLOADS = ("productpage", "details", "ratings", "reviews")


class StackSettings(Settings):
    """Everything one Pulumi stack holds: a whole environment, or one team's releases on what others set up."""

    cluster: ClusterSettings
    mesh: MeshSettings | None = None
    gateway: GatewaySettings | None = None
    apps: dict[K8sName, AppSettings] = Field(default_factory=dict)
    releases: dict[K8sName, ReleaseSettings] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _parts_fit(self) -> Self:
        require_none([*_check_apps(self), *_check_releases(self)])
        return self

    def app_of(self, release: ReleaseSettings) -> tuple[str, AppSettings]:
        """Name and settings of the app whose workload `release` is about."""
        return next(
            (name, app)
            for name, app in self.apps.items()
            if app.namespace == release.namespace and release.service in workload_names(app)
        )


def workload_names(app: AppSettings) -> tuple[str, ...]:
    """The services of an app, each with one workload behind it."""
    return BOOKINFO_WORKLOADS if app.kind == "bookinfo" else tuple(app.workloads)


def read_settings(
    raw: Mapping[str, object], secret_keys: frozenset[str] = frozenset()
) -> StackSettings:
    """The settings that `raw` (top-level config key to value) describes.

    Raises Contradiction with every problem at once. Values below a key of `secret_keys` are never
    quoted.
    """
    values = {key: _with_default_kind(key, value) for key, value in raw.items()}
    try:
        return StackSettings.model_validate(values)
    except ValidationError as error:
        problems = problems_of(error, StackSettings, values, secret_keys)
        raise Contradiction(*problems, *_rules_between_sound_parts(values, problems)) from None


def _rules_between_sound_parts(values: Mapping[str, object], found: list[Problem]) -> list[Problem]:
    """What the rules between parts say of the parts that are fine, so that one run shows everything.

    pydantic asks a model's own rules only when all its fields are fine.
    """
    broken = {tuple(problem.key.split(".")[:2]) for problem in found}
    if {"apps", "mesh", "gateway"} & {key[0] for key in broken}:
        return []  # too little is known of what the rest refers to
    sound = {key: value for key, value in values.items() if key in StackSettings.model_fields}
    releases = sound.get("releases")
    if isinstance(releases, dict):
        sound["releases"] = {k: v for k, v in releases.items() if ("releases", k) not in broken}
    sound["cluster"] = {"context": "any"}
    try:
        StackSettings.model_validate(sound)
    except ValidationError as error:
        return [
            p for p in problems_of(error, StackSettings, sound, frozenset(sound)) if p not in found
        ]
    return []


def _with_default_kind(key: str, value: object) -> object:
    """An app called bookinfo is Bookinfo, unless the stack file says otherwise."""
    if key != "apps" or not isinstance(value, dict) or not isinstance(value.get("bookinfo"), dict):
        return value
    return {**value, "bookinfo": {"kind": "bookinfo", **value["bookinfo"]}}


def _check_apps(stack: StackSettings) -> list[Problem]:
    problems = []
    for name, app in stack.apps.items():
        key = f"apps.{name}"
        known = ", ".join(workload_names(app))
        if app.expose and stack.gateway is None:
            hint = "describe the gateway under `gateway` (install: false if it is there already)"
            problems.append(Problem(f"{key}.expose", "", "nothing to expose it on", hint))
        if app.expose and app.expose.workload not in workload_names(app):
            problems.append(_unknown(f"{key}.expose.workload", app.expose.workload, name, known))
        problems += [
            _unknown(f"{key}.released_elsewhere[{index}]", workload, name, known)
            for index, workload in enumerate(app.released_elsewhere)
            if workload not in workload_names(app)
        ]
    return problems


def _unknown(key: str, workload: str, app: str, known: str) -> Problem:
    return Problem(key, workload, f"not a workload of app {app}", f"one of: {known}")


def _check_releases(stack: StackSettings) -> list[Problem]:
    problems: list[Problem] = []
    owners: dict[tuple[str, str], str] = {}
    for name, release in stack.releases.items():
        key = f"releases.{name}"
        if stack.mesh is None:
            hint = "describe the mesh under `mesh` (install: false if it is there already)"
            problems.append(
                Problem(key, "", "a release needs a mesh that splits its traffic", hint)
            )
        target = (release.namespace, release.service)
        if target in owners:
            rule = (
                f"already under release as {owners[target]}; one service has one release at a time"
            )
            problems.append(
                Problem(
                    f"{key}.service", release.service, rule, f"remove {name} or {owners[target]}"
                )
            )
        owners.setdefault(target, name)
        problems += _check_workload_of(stack, name, release)
    return problems


def _check_workload_of(stack: StackSettings, name: str, release: ReleaseSettings) -> list[Problem]:
    key = f"releases.{name}.service"
    below = [app for app in stack.apps.values() if app.namespace == release.namespace]
    known = sorted({workload for app in below for workload in workload_names(app)})
    if release.service not in known:
        hint = (
            f"one of: {', '.join(known)}"
            if known
            else f"describe it under `apps`, namespace {release.namespace}"
        )
        return [
            Problem(
                key,
                release.service,
                f"no workload of an app in namespace {release.namespace}",
                hint,
            )
        ]
    if any(release.service in app.released_elsewhere for app in below):
        hint = "take it out of released_elsewhere, or remove the release here"
        return [
            Problem(
                key, release.service, "released_elsewhere says that another stack releases it", hint
            )
        ]
    return []
