"""What is known of a release before this run: what the last finished `up` applied, and what the cluster routes now.

Both are read at the edge (`stacks/`) and handed in. `docs/decisions/0002` says why Pulumi's state
is the record.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from mesh_canary.release.traffic import TrafficSplit
from mesh_canary.settings import ReleaseSettings, Stage


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

    @property
    def carrying(self) -> tuple[str, str]:
        """Version and image that answer the live requests, when one version does; else those of stable."""
        if self.stage is Stage.PROMOTED:
            return self.canary, self.canary_image
        return self.stable, self.stable_image

    def is_about(self, release: ReleaseSettings) -> bool:
        """Whether `release` is of the same two versions with the same images."""
        pair = (self.stable, self.stable_image, self.canary, self.canary_image)
        stable, canary = release.stable, release.canary
        return pair == (stable.version, stable.image, canary.version, canary.image)

    def as_outputs(self) -> dict[str, Any]:
        """The record as plain data for Pulumi's state; `from_outputs` reads it back."""
        return {
            **asdict(self),
            "stage": str(self.stage),
            "named": list(self.named),
            "subsets": list(self.subsets),
        }

    @classmethod
    def from_outputs(cls, outputs: Mapping[str, Any]) -> "Record":
        """The record in `outputs`; numbers may have become floats on their way through Pulumi's state.

        Raises KeyError or ValueError where `outputs` is no record.
        """
        texts = ("namespace", "service", "stable", "stable_image", "canary", "canary_image")
        return cls(
            stage=Stage(outputs["stage"]),
            step=int(outputs["step"]),
            named=tuple(outputs["named"]),
            subsets=tuple(outputs["subsets"]),
            **{key: str(outputs[key]) for key in texts},
        )


def record_of(release: ReleaseSettings, split: TrafficSplit, subsets: tuple[str, ...]) -> Record:
    """What the record will be once `release` is applied with `split` and `subsets`."""
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
    )


@dataclass(frozen=True)
class LiveRoute:
    """What the cluster's own route for a service says now."""

    weights: Mapping[str, int]
    """Percent of live requests by version; empty where no route of ours exists."""
    written_weights: Mapping[str, int] | None = None
    """What we noted on the route when we wrote it; None where the note is missing."""
    named: tuple[str, ...] = ()
    """All versions that the route names, for live requests, copies or testers."""
    other_routes: tuple[str, ...] = ()
    """Names of further routes for the same host, which are not ours."""

    @property
    def exists(self) -> bool:
        """Whether there is a route of ours."""
        return bool(self.weights)

    @property
    def edited_by_hand(self) -> bool:
        """Whether somebody else changed the weights after we wrote them."""
        return self.exists and self.written_weights != self.weights
