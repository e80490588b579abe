"""What is in force where pods carry the weights: read from Deployments, each with a note of what we wrote.

Counts that differ from their own note were changed by somebody else; counts that match their notes, and the notes not
each other, were left by a run that did not come to its end.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from mesh_canary.release.live_route import Deployed, LiveRoute
from mesh_canary.release.record import Record

PUT_BACK = "`pulumi up --refresh` with the stack file as last applied puts the pods back"
NOT_SELECTED = (
    "its Service sends requests to every pod of it, joined or not: a dark canary would get some"
)
SELECT = "apply mesh: {kind: none} to the app first, in the stack that sets it up; its Service then selects on it"


@dataclass(frozen=True)
class LivePods(LiveRoute):
    """A live route that consists of pods. `weights` are those that the pods were written for, else their shares."""

    by_pods: ClassVar[bool] = True

    service_selects: bool = True
    """Whether the Service, if there is one, selects pods that have joined and no others."""

    @property
    def edits(self) -> tuple[str, ...]:
        """What somebody else changed after we wrote it, in words."""
        return tuple(text for deployed in self.deployed if (text := _explain_edit(deployed)))

    @property
    def edited_by_hand(self) -> bool:
        """Whether somebody else changed a count or a label after we wrote it."""
        return bool(self.edits)

    @property
    def says(self) -> str:
        """The pods in force, in words."""
        counts = ", ".join(f"{version} {count}" for version, count in sorted(self.serving.items()))
        return f"pods behind the Service: {counts or 'none'}"

    @property
    def put_back(self) -> str:
        """What undoes a change by somebody else."""
        return PUT_BACK

    def explain_others(self) -> tuple[str, str]:
        """A Service that does not ask whether pods have joined."""
        return ("" if self.service_selects else NOT_SELECTED), SELECT

    def unready(self, version: str) -> str:
        """How many pods of `version` are missing; none where we asked for none."""
        planned = {d.version for d in self.deployed if d.note and d.wanted == d.note.replicas == 0}
        return "" if version in planned else super().unready(version)

    def explain_change(self, record: Record | None) -> str:
        """What somebody else changed, in words; empty where nobody did."""
        if record is not None and not self.exists:
            return "no pod is behind the Service any more, and no run of ours left it so"
        if not self.edits:
            return ""
        return f"pods were changed by somebody else: {', '.join(self.edits)}"


def live_pods(deployed: tuple[Deployed, ...], *, service_selects: bool) -> LivePods:
    """The live route that Deployments make."""
    serving = LiveRoute({}, deployed=deployed).serving
    counts = tuple(sorted(serving.items()))
    meant = next((dict(d.note.weights) for d in deployed if d.note and d.note.pods == counts), None)
    weights = meant if meant is not None else shares_of(serving)
    return LivePods(
        weights=weights,
        written_weights=weights,
        named=tuple(serving),
        deployed=deployed,
        service_selects=service_selects,
    )


def shares_of(serving: Mapping[str, int]) -> dict[str, int]:
    """Whole percents by version that sum to 100, at least 1 each: {"v1": 9, "v2": 5} gives 64 and 36."""
    total = sum(serving.values())
    if not total:
        return {}
    shares = {version: max(1, round(100 * count / total)) for version, count in serving.items()}
    most = max(shares, key=lambda version: shares[version])
    return {**shares, most: shares[most] + 100 - sum(shares.values())}


def _explain_edit(deployed: Deployed) -> str:
    note = deployed.note
    if note is None or (deployed.wanted, deployed.joined) == (note.replicas, note.joined):
        return ""
    if deployed.joined != note.joined:
        return f"{deployed.version} {'serves' if deployed.joined else 'does not serve'} (we wrote otherwise)"
    return f"{deployed.version} has {deployed.wanted} pods (we wrote: {note.replicas})"
