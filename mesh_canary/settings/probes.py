"""How the kubelet asks whether a pod is ready, alive or started: by HTTP, by TCP or by a command."""

from typing import Annotated, Any

from pydantic import Discriminator, Field, StringConstraints, Tag

from mesh_canary.settings.fields import Port, Settings, UrlPath
from mesh_canary.settings.problems import Problem

Period = Annotated[int, Field(strict=True, ge=1, le=300)]
Failures = Annotated[int, Field(strict=True, ge=1, le=100)]
Word = Annotated[str, StringConstraints(min_length=1)]


class CheckSettings(Settings):
    """One question: a path, a TCP port or a command. What is not said of its pace is as in `probes`."""

    path: UrlPath | None = None
    port: Port | None = None
    """The container's port for `path`; by default the workload's first one."""
    tcp_port: Port | None = None
    """The container's port that has to accept a connection."""
    command: tuple[Word, ...] = ()
    """A command in the container that has to end with 0."""
    period_seconds: Period | None = None
    failure_threshold: Failures | None = None
    """How often in a row it may fail; for `startup` times period_seconds: how long a start may take."""
    timeout_seconds: Annotated[int, Field(strict=True, ge=1, le=300)] | None = None

    def contradictions(self) -> list[Problem]:
        """Exactly one of the three ways to ask, and a port only where a path is asked."""
        ways = [key for key in ("path", "tcp_port", "command") if getattr(self, key)]
        if len(ways) != 1:
            rule = f"a probe asks in one way: {' and '.join(ways) or 'none'} given"
            return [Problem("", "", rule, "keep one of: path, tcp_port, command")]
        if self.port and not self.path:
            hint = "leave it out (tcp_port has the number itself)"
            return [Problem("port", f"{self.port}", "only a path is asked on it", hint)]
        return []


def _shape(value: Any) -> str:
    """A path in short, or a check with keys; the tag stands in no key path, being in brackets."""
    return "[check]" if isinstance(value, dict | CheckSettings) else "[path]"


Check = Annotated[
    Annotated[UrlPath, Tag("[path]")] | Annotated[CheckSettings, Tag("[check]")],
    Discriminator(_shape),
]


class ProbeSettings(Settings):
    """What the kubelet asks; a path is asked on the workload's first port, and what is left out is not asked."""

    readiness: Check | None = None
    liveness: Check | None = None
    startup: Check | None = None
    period_seconds: Period = 5
    failure_threshold: Failures = 3
