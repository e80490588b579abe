"""What the cluster says of a service now: the route in force, and what runs behind it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from mesh_canary.release.record import Record
from mesh_canary.release.traffic import explain_weights

REMOVE_OTHER = "remove it (one owner per host: proxies use one of them alone), then run again"
PUT_BACK = "`pulumi up --refresh` with the stack file as last applied puts the route back"


@dataclass(frozen=True)
class PodNote:
    """What a Deployment of ours says that we wrote, where pods carry the weights."""

    replicas: int
    joined: bool
    pods: tuple[tuple[str, int], ...]
    """Pods behind the Service by version, once that plan was applied; sorted."""
    weights: tuple[tuple[str, int], ...]
    """The weights that these pods are for."""


@dataclass(frozen=True)
class Deployed:
    """A version as the cluster runs it."""

    version: str
    image: str
    ready: int
    """Pods that are ready."""
    wanted: int
    """Pods that its Deployment asks for."""
    joined: bool = True
    """Whether the Service may send them requests; always where a mesh decides that."""
    note: PodNote | None = None
    """What we noted when we wrote it, where pods carry the weights."""


@dataclass(frozen=True)
class LiveRoute:
    """What the cluster's own route for a service says now."""

    by_pods: ClassVar[bool] = False
    """Whether pods carry the weights: then the pods of every version have to be ready before one gets more."""

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

    @property
    def serving(self) -> dict[str, int]:
        """Pods behind the Service by version, as the Deployments ask for them; without those that have none."""
        return {d.version: d.wanted for d in self.deployed if d.joined and d.wanted}

    @property
    def written_pods(self) -> dict[str, int]:
        """The same as we wrote it last, whatever somebody else changed since."""
        notes = {d.version: d.note for d in self.deployed if d.note}
        return {v: note.replicas for v, note in notes.items() if note.joined and note.replicas}

    @property
    def says(self) -> str:
        """What is in force, in words."""
        return f"the route says {explain_weights(self.weights)}"

    @property
    def put_back(self) -> str:
        """What undoes a change by somebody else."""
        return PUT_BACK

    def explain_others(self) -> tuple[str, str]:
        """What beside our route decides where requests go, and what to do about it; empty where nothing does."""
        others = ", ".join(self.other_routes)
        return (
            f"another VirtualService routes it already: {others}" if others else ""
        ), REMOVE_OTHER

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
