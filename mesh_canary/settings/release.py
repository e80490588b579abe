"""One release: two versions of a service, and how far the new one has come.

`canary_weight` and `mirror_percent` may stay in the file at every stage, so that a rollback is the
change of one word; they count at `weighted` and `mirror` only. Which stage may follow which is
decided in `mesh_canary.release.transitions`.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from mesh_canary.settings.fields import (
    CanaryWeight,
    HeaderName,
    HeaderValue,
    K8sName,
    Percent,
    Seconds,
    Settings,
    Switch,
    label_of,
)
from mesh_canary.settings.problems import Problem
from mesh_canary.settings.workloads import VersionSettings


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


MaxPods = Annotated[int, Field(strict=True, ge=2, le=100)]
Points = Annotated[float, Field(strict=True, ge=0, le=50)]
Method = Literal["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]
SAFE_METHODS: tuple[Method, ...] = ("GET", "HEAD", "OPTIONS")


class RetrySettings(Settings):
    """How often and when the mesh tries a request again. `attempts: 0` switches retries off."""

    attempts: Annotated[int, Field(strict=True, ge=0, le=10)]
    per_try_timeout_seconds: Seconds | None = None
    retry_on: str | None = None

    def contradictions(self) -> list[Problem]:
        """Nothing else can be said of retries that are off."""
        said = [
            key for key in ("per_try_timeout_seconds", "retry_on") if getattr(self, key) is not None
        ]
        hint = "leave it out, or set attempts to 1 or more"
        return [
            Problem(key, "", "retries are off (attempts: 0)", hint)
            for key in said
            if not self.attempts
        ]


class ReleaseSettings(Settings):
    """What the operator decides of one release, in the order a reader asks."""

    namespace: K8sName
    service: K8sName
    stable: VersionSettings
    canary: VersionSettings
    unrouted: tuple[VersionSettings, ...] = ()
    """Further versions that run beside the two and that no rule names: no request reaches them, a tester's neither."""
    stage: Stage
    canary_weight: CanaryWeight | None = None
    steps: tuple[CanaryWeight, ...]
    """The ladder of weights, rising, in percent: 10, 50."""
    mirror_percent: Percent | None = None
    mirror_methods: tuple[Method, ...] = SAFE_METHODS
    """Methods that are mirrored. One that writes also needs `mirror_writes`."""
    mirror_writes: Switch = False
    """Says that what a mirrored request writes may be written twice: once by either version."""
    testers: dict[HeaderName, HeaderValue] = Field(default_factory=dict)
    """Requests with any of these headers see the canary at every stage from dark on."""
    timeout_seconds: Seconds | None = None
    retries: RetrySettings | None = None
    mutual_tls: Switch = False
    """Every caller with a sidecar has to speak the mesh's mutual TLS to the service. Off, the mesh does so by itself
    wherever both ends can, and takes plain text elsewhere."""
    max_pods: MaxPods | None = None
    """Without a mesh: most pods that both versions together have at a weight. Needed there, refused elsewhere."""
    tolerance_percent: Points = 1.0
    """Without a mesh: how far the share of pods may be from the weight, in points: 1 accepts 9 % to 11 % for 10."""
    retire_stable: Switch = False
    """At `promoted`: remove the version that carries nothing any more. Without effect at `rolled_back`."""

    def contradictions(self) -> list[Problem]:
        """The versions differ, the ladder rises, and the stage has the keys it needs."""
        return [
            *_check_versions(self),
            *_check_unrouted(self),
            *_check_ladder(self),
            *_check_stage_has_its_keys(self),
        ]

    @property
    def routed_versions(self) -> dict[str, VersionSettings]:
        """The two versions that a route may name, by their role."""
        return {"stable": self.stable, "canary": self.canary}

    @property
    def versions(self) -> dict[str, VersionSettings]:
        """Every version of the release, by its key."""
        others = {f"unrouted[{index}]": version for index, version in enumerate(self.unrouted)}
        return self.routed_versions | others

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
    def mirrored_writes(self) -> tuple[Method, ...]:
        """Those of the mirrored methods that write."""
        return tuple(method for method in self.mirror_methods if method not in SAFE_METHODS)

    @property
    def ladder(self) -> str:
        """The steps as an operator reads them: 10, 50."""
        return ", ".join(map(str, self.steps)) or "none"


def _check_versions(release: ReleaseSettings) -> list[Problem]:
    stable, canary = release.stable.version, release.canary.version
    if label_of(canary) != label_of(stable):
        return []
    rule = f"the same version as stable, {stable}"
    if canary != stable:
        rule += " ('.' becomes '-' in the names of Deployments and subsets)"
    return [Problem("canary.version", canary, rule, "give the canary the version that is new")]


def _check_unrouted(release: ReleaseSettings) -> list[Problem]:
    """A version is one of the two, or unrouted, and named once."""
    named = {label_of(v.version): role for role, v in release.routed_versions.items()}
    problems = []
    for index, version in enumerate(release.unrouted):
        key, label = f"unrouted[{index}].version", label_of(version.version)
        if owner := named.get(label):
            rule, hint = f"a version of this release already: {owner}", "name each version once"
            problems.append(Problem(key, version.version, rule, hint))
        named.setdefault(label, f"unrouted[{index}]")
    return problems


def _check_ladder(release: ReleaseSettings) -> list[Problem]:
    if release.steps and list(release.steps) == sorted(set(release.steps)):
        return []
    rule = "weights rise from step to step, each once, and there is at least one"
    shown = f"[{', '.join(map(str, release.steps))}]"
    return [Problem("steps", shown, rule, "for example steps: [10, 50]")]


def _check_stage_has_its_keys(release: ReleaseSettings) -> list[Problem]:
    stage, weight = release.stage, release.canary_weight
    needs = f"stage {stage} needs it"
    problems = []
    if stage is Stage.WEIGHTED and weight is None:
        hint = f"set canary_weight to one of the steps: {release.ladder}"
        problems.append(Problem("canary_weight", "", needs, hint))
    if stage is Stage.WEIGHTED and weight and weight not in release.steps:
        rule = f"not on the ladder (steps: {release.ladder})"
        hint = "set one of the steps, or add the weight to them"
        problems.append(Problem("canary_weight", f"{weight}", rule, hint))
    if stage is Stage.MIRROR and release.mirror_percent is None:
        hint = "set mirror_percent: 100 copies every request, 10 one in ten"
        problems.append(Problem("mirror_percent", "", needs, hint))
    if stage is Stage.MIRROR and not release.mirror_methods:
        hint = "leave the key out for GET, HEAD and OPTIONS"
        problems.append(Problem("mirror_methods", "[]", "nothing would be mirrored", hint))
    writes = release.mirrored_writes
    if stage is Stage.MIRROR and writes and not release.mirror_writes:
        rule = "what these requests write would be written twice, once by either version"
        hint = "leave them out; or set mirror_writes: true where that does no harm"
        problems.append(Problem("mirror_methods", f"[{', '.join(writes)}]", rule, hint))
    if release.retire_stable and stage not in (Stage.PROMOTED, Stage.ROLLED_BACK):
        rule = f"stage {stage} still needs version {release.stable.version}"
        problems.append(Problem("retire_stable", "true", rule, "leave it out until stage promoted"))
    return problems
