"""Who may call a workload: the mesh asks every caller for its identity, and refuses all others."""

from typing import Annotated

from pydantic import Field

from mesh_canary.settings.fields import K8sName, Settings
from mesh_canary.settings.problems import Problem

GATEWAY = "gateway"
"""The word for the ingress gateway among callers: requests from outside."""


class AccessSettings(Settings):
    """The callers of one workload; whoever is not named gets 403, and so does whoever has no sidecar."""

    callers: Annotated[tuple[K8sName, ...], Field(alias="from")]
    """Workloads of the same app, and `gateway` for requests that come through it."""

    def contradictions(self) -> list[Problem]:
        """Somebody may call."""
        if self.callers:
            return []
        hint = "name at least one workload, or leave the workload's access out for everybody"
        return [Problem("from", "[]", "nobody could call it", hint)]
