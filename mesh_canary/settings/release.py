"""One release: two versions of a service, and how far the new one has come.

`canary_weight` and `mirror_percent` may stay in the file at every stage, so that a rollback is the
change of one word; they count at `weighted` and `mirror` only. Which stage may follow which is
decided in `mesh_canary.release.transitions`.
"""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from mesh_canary.settings.fields import (
    CanaryWeight,
    HeaderName,
    HeaderValue,
    ImageRef,
    K8sName,
    Percent,
    Replicas,
    Seconds,
    Settings,
    Switch,
    Version,
)
from mesh_canary.settings.problems import Contradiction, Problem, require_none


class Stage(StrEnum):
    """Where a release stands."""

    DARK = "dark"
    """The canary runs; no live and no mirrored request reaches it but the testers'."""
    MIRROR = "mirror"
    """Copies of live requests go to the canary, whose answers are discarded."""
    WEIGHTED = "weighted"
    """The canary answers `canary_weight` percent of the live requests."""
    PROMOTED = "promoted"
    """The canary's version answers every request; the other one is kept until it is retired."""
    ROLLED_BACK = "rolled_back"
    """The stable version answers every request; the canary is gone."""


Method = Literal["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]
SAFE_METHODS: tuple[Method, ...] = ("GET", "HEAD", "OPTIONS")


class VersionSettings(Settings):
    """One version of the service under release; what is not said here is as its workload says."""

    version: Version
    image: ImageRef
    replicas: Replicas | None = None
    env: dict[str, str] = Field(default_factory=dict)


class RetrySettings(Settings):
    """How often and when the mesh tries a request again. `attempts: 0` switches retries off."""

    attempts: Annotated[int, Field(strict=True, ge=0, le=10)]
    per_try_timeout_seconds: Seconds | None = None
    retry_on: str | None = None

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if self.attempts == 0 and (self.per_try_timeout_seconds or self.retry_on):
            hint = "leave out per_try_timeout_seconds and retry_on"
            raise Contradiction(
                Problem(
                    "attempts", "0", "retries are off, so nothing else can be said of them", hint
                )
            )
        return self


class ReleaseSettings(Settings):
    """What the operator decides of one release, in the order a reader asks."""

    namespace: K8sName
    service: K8sName
    stable: VersionSettings
    canary: VersionSettings
    stage: Stage
    canary_weight: CanaryWeight | None = None
    steps: tuple[CanaryWeight, ...]
    """The ladder of weights, rising, in percent: 10, 50."""
    mirror_percent: Percent | None = None
    mirror_methods: tuple[Method, ...] = SAFE_METHODS
    """Methods that are mirrored. A method that writes is carried out twice: name it here if that is wanted."""
    testers: dict[HeaderName, HeaderValue] = Field(default_factory=dict)
    """Requests with any of these headers see the canary at every stage from dark on."""
    timeout_seconds: Seconds | None = None
    retries: RetrySettings | None = None
    retire_stable: Switch = False
    """At `promoted`: remove the version that carries nothing any more."""

    @model_validator(mode="after")
    def _can_be_walked(self) -> Self:
        require_none(check_release(self))
        return self

    @property
    def step(self) -> int:
        """Percent of live requests that this stage gives to the canary, testers aside."""
        match self.stage:
            case Stage.WEIGHTED:
                return self.canary_weight or 0
            case Stage.PROMOTED:
                return 100
            case _:
                return 0

    @property
    def ladder(self) -> str:
        """The steps as an operator reads them: 10, 50."""
        return ", ".join(map(str, self.steps)) or "none"


def check_release(release: ReleaseSettings) -> list[Problem]:
    """The contradictions between keys of one release; their paths are relative to it."""
    return [*_check_versions(release), *_check_ladder(release), *_check_stage_has_its_keys(release)]


def _check_versions(release: ReleaseSettings) -> list[Problem]:
    if release.canary.version.replace(".", "-") != release.stable.version.replace(".", "-"):
        return []
    rule = "canary and stable are the same version"
    return [
        Problem(
            "canary.version",
            release.canary.version,
            rule,
            "give the canary the version that is new",
        )
    ]


def _check_ladder(release: ReleaseSettings) -> list[Problem]:
    if release.steps and list(release.steps) == sorted(set(release.steps)):
        return []
    rule = "weights rise from step to step, each once"
    return [Problem("steps", release.ladder, rule, "for example steps: [10, 50]")]


def _check_stage_has_its_keys(release: ReleaseSettings) -> list[Problem]:
    needs = f"stage {release.stage} needs it"
    match release.stage:
        case Stage.WEIGHTED if release.canary_weight is None:
            return [Problem("canary_weight", "", needs, f"set one of the steps: {release.ladder}")]
        case Stage.WEIGHTED if release.canary_weight not in release.steps:
            rule = f"not on the ladder (steps: {release.ladder})"
            hint = "set one of the steps, or add the weight to them"
            return [Problem("canary_weight", str(release.canary_weight), rule, hint)]
        case Stage.MIRROR if release.mirror_percent is None:
            return [Problem("mirror_percent", "", needs, "100 copies every request, 10 one in ten")]
        case Stage.MIRROR if not release.mirror_methods:
            hint = "leave the key out for GET, HEAD and OPTIONS"
            return [Problem("mirror_methods", "[]", "nothing would be mirrored", hint)]
    if release.retire_stable and release.stage is not Stage.PROMOTED:
        rule = f"stage {release.stage} still needs version {release.stable.version}"
        return [Problem("retire_stable", "true", rule, "leave it out until stage promoted")]
    return []
