"""What every mesh has to know of a service before it can route it."""

from dataclasses import dataclass
from typing import Any

from mesh_canary.settings import FaultSettings, RetrySettings

Manifest = dict[str, Any]
"""A Kubernetes object as it is written in YAML."""


@dataclass(frozen=True)
class Exposure:
    """How requests from outside reach the service: through which gateway, for which hosts and paths."""

    gateway: str
    """The Gateway object, namespace/name."""
    hosts: tuple[str, ...]
    paths: tuple[str, ...] = ("/",)
    """Prefixes."""


@dataclass(frozen=True)
class Route:
    """One service and what its operator set for every request to it."""

    namespace: str
    service: str
    port: int
    timeout_seconds: float | None = None
    retries: RetrySettings | None = None
    exposure: Exposure | None = None
    fault: FaultSettings | None = None
    """What goes wrong on purpose with requests for the service."""
    mutual_tls: bool = False
    """Whether callers have to speak the mesh's mutual TLS."""
