"""What is known of a release before this run: what the last finished `up` applied. `live_route` has the cluster's word.

Both are read at the edge (`stacks/`) and handed in. `docs/decisions/0002` says why Pulumi's state
is the record.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from mesh_canary.release.traffic import TrafficSplit
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
    pods: tuple[tuple[str, int], ...] = ()
    """Pods behind the Service by version, sorted; empty where a mesh carries the weights."""

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
        outputs = {**asdict(self), "stage": str(self.stage), **lists, "pods": dict(self.pods)}
        return {key: value for key, value in outputs.items() if value is not None}

    @classmethod
    def from_outputs(cls, outputs: Mapping[str, Any]) -> "Record":
        """The record in `outputs`; numbers may have become floats on their way through Pulumi's state.

        Raises KeyError, TypeError or ValueError where `outputs` is no record.
        """
        data = dict(outputs)
        data |= {key: tuple(outputs[key]) for key in LISTS}
        pods = {version: int(count) for version, count in outputs.get("pods", {}).items()}
        data |= {"pods": tuple(sorted(pods.items()))}
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
