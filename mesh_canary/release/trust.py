"""Which certificates Linkerd's proxies trust, and the moves from one to another that no pod notices.

A proxy learns what to trust when its pod starts, and gets a certificate of its own from what signs at that moment
(Source: Linkerd 2.x, the proxy's environment comes from the ConfigMap linkerd-identity-trust-roots at injection).
While pods restart one by one, old and new ones have to trust each other. So a new trust anchor comes in three runs of
`pulumi up`, and at each of them the control plane and the pods with a proxy restart: trusted by everybody, then
signing, then the old one goes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from mesh_canary.settings import LinkerdSettings, Problem


@dataclass(frozen=True)
class Trust:
    """Names of trust anchors, and the one whose certificates the proxies have."""

    anchors: tuple[str, ...]
    signer: str

    @classmethod
    def of(cls, mesh: LinkerdSettings) -> Self:
        """What proxies trust where this stack installs the mesh."""
        return cls(mesh.trust_anchors, mesh.signer)

    @property
    def mark(self) -> str:
        """What pods are marked with: another mark, and they are made anew."""
        return f"trust {' '.join(self.anchors)}; signed by {self.signer}"

    def to_outputs(self) -> dict[str, Any]:
        """As Pulumi's state keeps it."""
        return {"anchors": list(self.anchors), "signer": self.signer}

    @classmethod
    def from_outputs(cls, outputs: Mapping[str, Any]) -> Self:
        """Raises KeyError for what another version wrote."""
        return cls(tuple(outputs["anchors"]), outputs["signer"])


def check_rotation(before: Trust | None, after: Trust) -> list[Problem]:
    """What would leave pods that do not trust each other, after what the last finished `up` applied."""
    if before is None:
        return []
    problems = []
    if after.signer not in before.anchors:
        anchors = ", ".join((*before.anchors, after.signer))
        rule = "would sign certificates that running pods do not trust yet"
        hint = f"first trust_anchors: [{anchors}] with issuer.anchor: {before.signer}, and `pulumi up`; then this"
        problems.append(Problem("mesh.issuer.anchor", after.signer, rule, hint))
    if before.signer not in after.anchors:
        rule = f"{before.signer} is left out, and running pods have certificates that it signed"
        hint = f"keep {before.signer} until an `up` with another issuer.anchor is over"
        problems.append(Problem("mesh.trust_anchors", ", ".join(after.anchors), rule, hint))
    return problems
