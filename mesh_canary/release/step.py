"""One write of a plan."""

from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    """What one step of a plan does."""

    APPLY_WORKLOAD = "apply workload"
    """Write the Deployment of one version and wait until its pods are ready."""
    APPLY_SUBSETS = "apply subsets"
    APPLY_ROUTE = "apply route"
    WAIT_FOR_PROXIES = "wait for proxies"
    """Until the proxies have heard what was written last; nothing to do when nothing changed."""
    REMOVE_WORKLOAD = "remove workload"
    WIDEN_SELECTOR = "widen selector"
    """Write the Service so that it selects every version."""
    NARROW_SELECTOR = "narrow selector to"
    """Write the Service so that it selects one version alone."""


@dataclass(frozen=True)
class Step:
    """One write of a plan; `version` is empty for what concerns the service as a whole."""

    action: Action
    version: str = ""

    def __str__(self) -> str:
        """The step as a person reads it: apply workload v2."""
        return f"{self.action} {self.version}".strip()
