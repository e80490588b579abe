"""The plan of a stage where pods carry the weights: how many of each version, which of them serve, in which order.

A pod serves when its label says so: the Service selects on it from the first day. To change the label restarts pods, so
only the canary's ever changes. A version that was promoted away from keeps its Deployment without a pod.

The order never lets the canary have more than it has before or after, nor the service fewer pods than both: whoever
gains pods gains them before another loses any, and stable before the canary.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import assert_never

from mesh_canary.release.pod_counts import PodBudget, PodCounts, as_percent, counts_for
from mesh_canary.release.step import Action, Step
from mesh_canary.settings import ReleaseSettings, Stage


@dataclass(frozen=True)
class VersionPods:
    """The pods of one version, once the plan is applied."""

    version: str
    replicas: int
    joined: bool
    """Whether the Service sends them requests."""

    @property
    def serving(self) -> int:
        """How many pods behind the Service."""
        return self.replicas if self.joined else 0


def plan_pods(
    release: ReleaseSettings, budget: PodBudget, before: Mapping[str, int]
) -> tuple[VersionPods, ...]:
    """The pods of every version that runs, the one that carries most requests first.

    `before`: pods behind the Service by version, as written last. A rollback never takes pods from stable: Pulumi
    removes the canary after everything else, and with fewer pods of stable beside it, it would get more until then.
    """
    stable, canary = release.stable.version, release.canary.version
    match release.stage:
        case Stage.DARK | Stage.MIRROR:
            waiting = counts_for(release.steps[0], budget).canary
            return VersionPods(stable, budget.stable, True), VersionPods(canary, waiting, False)
        case Stage.WEIGHTED:
            counts = counts_for(release.step, budget)
            return VersionPods(stable, counts.stable, True), VersionPods(
                canary, counts.canary, True
            )
        case Stage.PROMOTED:
            alone = VersionPods(canary, budget.canary, True)
            return (alone,) if release.retire_stable else (alone, VersionPods(stable, 0, True))
        case Stage.ROLLED_BACK:
            return (VersionPods(stable, max(budget.stable, before.get(stable, 0)), True),)
    assert_never(release.stage)


def order_pods(
    release: ReleaseSettings,
    pods: tuple[VersionPods, ...],
    before: Mapping[str, int],
    known: Set[str],
) -> tuple[Step, ...]:
    """The writes in their order: stable first, unless it loses pods. `known`: versions that ran before."""
    stable = release.stable.version
    falls = any(p.version == stable and p.serving < before.get(stable, 0) for p in pods)
    writes = sorted(pods, key=lambda p: (p.version == stable) is falls)
    going = sorted(known - {p.version for p in pods})
    return (
        *(Step(Action.APPLY_WORKLOAD, p.version) for p in writes),
        *(Step(Action.REMOVE_WORKLOAD, version) for version in going),
    )


def explain_pods(release: ReleaseSettings, pods: tuple[VersionPods, ...]) -> str:
    """What users will notice at the stage of `release`, and which pods start anew for it."""
    stable, canary = release.stable.version, release.canary.version
    counts = {p.version: p.replicas for p in pods}
    match release.stage:
        case Stage.DARK | Stage.MIRROR:
            return (
                f"Users notice nothing: {stable} answers every request with {_pods(counts[stable])};"
                f" {canary} runs beside it with {_pods(counts[canary])} that no Service selects."
            )
        case Stage.WEIGHTED:
            reached = PodCounts(counts[stable], counts[canary])
            return (
                f"{canary} has {counts[canary]} of {reached.stable + reached.canary} pods, so it answers"
                f" {as_percent(reached.share_percent)} % of new connections (weight: {release.step} %)."
                f" Joining restarts pods of {canary} only."
            )
        case Stage.PROMOTED:
            kept = "is removed" if release.retire_stable else "is kept without a pod"
            return f"{canary} answers every request with {_pods(counts[canary])}; {stable} {kept}."
        case Stage.ROLLED_BACK:
            return (
                f"{stable} answers every request with {_pods(counts[stable])}; {canary} is removed."
            )
    assert_never(release.stage)


def _pods(count: int) -> str:
    return f"{count} pod" if count == 1 else f"{count} pods"
