"""What is known of a release before this run: what the last finished `up` applied, and what the cluster routes now.

Both are read at the edge (`stacks/`) and handed in. `docs/decisions/0002` says why Pulumi's state
is the record.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from mesh_canary.release.traffic import TrafficSplit, explain_weights
from mesh_canary.settings import ReleaseSettings, Stage

LISTS = ("named", "subsets", "running")


@dataclass(frozen=True)
class Record:
    """The stage of a release that an `up` last brought to its end."""

    namespace: str
    service: str
    stage: Stage
    step: int
    """Percent of live requests at the canary: 0 to 100."""
    stable: str
    stable_image: str
    canary: str
    canary_image: str
    named: tuple[str, ...]
    """The versions that the route names, sorted."""
    subsets: tuple[str, ...]
    """The versions that have a subset, sorted; all of `named` and perhaps some that no route names any more."""
    running: tuple[str, ...]
    """The versions that have a Deployment, sorted."""
    put_back: str = ""
    """The edit by hand that a rollback took back; part of the route until the next stage."""
    revived: str = ""
    """The pods that a rollback found missing; part of the stable Deployment until the next stage."""
    selector: str | None = None
    """What the Service selects: one version, or every one (""); None where the app writes the Service."""

    @property
    def carrying(self) -> tuple[str, str]:
        """Version and image that answer the live requests, when one version does; else those of stable."""
        if self.stage is Stage.PROMOTED:
            return self.canary, self.canary_image
        return self.stable, self.stable_image

    def is_of(self, release: ReleaseSettings) -> bool:
        """Whether `release` is of the same service in the same namespace."""
        return (self.namespace, self.service) == (release.namespace, release.service)

    def is_about(self, release: ReleaseSettings) -> bool:
        """Whether `release` is of the same two versions of the same service, with the same images."""
        pair = (self.stable, self.stable_image, self.canary, self.canary_image)
        stable, canary = release.stable, release.canary
        same = (stable.version, stable.image, canary.version, canary.image)
        return self.is_of(release) and pair == same

    def may_return_to(self, release: ReleaseSettings) -> bool:
        """Whether `release` has the recorded stable version; which canary it names does not matter for a rollback."""
        stable = (release.stable.version, release.stable.image)
        return self.is_of(release) and (self.stable, self.stable_image) == stable

    def is_at(self, release: ReleaseSettings) -> bool:
        """Whether `release` asks for what is recorded: the same pair, stage and step."""
        return self.is_about(release) and (self.stage, self.step) == (release.stage, release.step)

    def as_outputs(self) -> dict[str, Any]:
        """The record as plain data for Pulumi's state; `from_outputs` reads it back."""
        lists = {key: list(getattr(self, key)) for key in LISTS}
        outputs = {**asdict(self), "stage": str(self.stage), **lists}
        return {key: value for key, value in outputs.items() if value is not None}

    @classmethod
    def from_outputs(cls, outputs: Mapping[str, Any]) -> "Record":
        """The record in `outputs`; numbers may have become floats on their way through Pulumi's state.

        Raises KeyError, TypeError or ValueError where `outputs` is no record.
        """
        data = dict(outputs)
        data |= {key: tuple(outputs[key]) for key in LISTS}
        return cls(**{**data, "stage": Stage(outputs["stage"]), "step": int(outputs["step"])})


def record_of(
    release: ReleaseSettings,
    split: TrafficSplit,
    subsets: tuple[str, ...],
    running: tuple[str, ...],
    notes: tuple[str, str] = ("", ""),
    *,
    selector: str | None = None,
) -> Record:
    """What the record will be once `release` is applied."""
    return Record(
        namespace=release.namespace,
        service=release.service,
        stage=release.stage,
        step=release.step,
        stable=release.stable.version,
        stable_image=release.stable.image,
        canary=release.canary.version,
        canary_image=release.canary.image,
        named=tuple(sorted(split.named)),
        subsets=subsets,
        running=tuple(sorted(running)),
        put_back=notes[0],
        revived=notes[1],
        selector=selector,
    )


@dataclass(frozen=True)
class Deployed:
    """A version as the cluster runs it."""

    version: str
    image: str
    ready: int
    """Pods that are ready."""
    wanted: int
    """Pods that its Deployment asks for."""


@dataclass(frozen=True)
class LiveRoute:
    """What the cluster's own route for a service says now."""

    weights: Mapping[str, int]
    """Percent of live requests by version; empty where no route of ours sends them to versions."""
    written_weights: Mapping[str, int] | None = None
    """What we noted on the route when we wrote it; None where the note is missing."""
    named: tuple[str, ...] = ()
    """All versions that the route names, for live requests, copies or testers."""
    other_routes: tuple[str, ...] = ()
    """Names of further routes for the same host, which are not ours."""
    deployed: tuple[Deployed, ...] = ()
    """What has a Deployment of ours in the cluster, whether routed or not."""
    rules_edited: bool = False
    """Whether any rule, within the mesh or at the gateway, differs from what we wrote, weights or not."""

    @property
    def exists(self) -> bool:
        """Whether a route of ours sends requests to versions."""
        return bool(self.weights)

    @property
    def edited_by_hand(self) -> bool:
        """Whether somebody else changed the route after we wrote it."""
        return self.exists and (self.rules_edited or self.written_weights != self.weights)

    @property
    def running(self) -> tuple[str, ...]:
        """The versions that have a Deployment."""
        return tuple(deployed.version for deployed in self.deployed)

    def without_pods(self, version: str) -> str:
        """That `version` has no pod that is ready, in words; empty where it has, or nothing is known."""
        some = any(d.version == version and d.ready for d in self.deployed)
        return self.unready(version) if not some else ""

    def unready(self, version: str) -> str:
        """How many pods of `version` are missing, in words; empty where none is, or nothing is known of it."""
        for deployed in self.deployed:
            if deployed.version == version and deployed.ready < max(1, deployed.wanted):
                return f"{version} has {deployed.ready} of {max(1, deployed.wanted)} pods ready"
        if self.deployed and version not in self.running:
            return f"{version} has no Deployment"
        return ""

    def explain_change(self, record: Record | None) -> str:
        """How the route differs from whatever we wrote last; empty where it does not."""
        if record is not None and not self.exists:
            return "the live route was removed or rewritten by somebody else"
        if not self.edited_by_hand:
            return ""
        noted = explain_weights(self.written_weights) if self.written_weights else "no note of ours"
        same = self.written_weights == self.weights
        said = "rules beside the weights" if same else explain_weights(self.weights)
        return f"the live route was changed by somebody else: {said} (we wrote: {noted})"
