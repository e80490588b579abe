"""A service with versions as a walk asks it: through the gateway, as a tester, from the inside. Data only."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Target:
    """Something behind the gateway that is asked."""

    path: str = "/"
    host: str = ""
    """The Host header; empty: the gateway's address as it is."""
    headers: Mapping[str, str] = field(default_factory=dict)
    kept_connections: bool = True
    """Whether the load keeps its connections; one that breaks is then a complaint. Without a proxy in
    between a server that stops closes them in good order, so there each request has one of its own."""

    def __str__(self) -> str:
        return f"{self.host}{self.path}"


@dataclass(frozen=True)
class Tester:
    """Somebody who sees the canary first: by a user name at Bookinfo's login, or by headers."""

    asks: Target
    """With a user name, the page that is viewed after logging in."""
    user: str = ""


@dataclass(frozen=True)
class Service:
    """A service with versions, and how it is asked so that the answers name the version."""

    name: str
    namespace: str
    asked: Target
    """Its version is the `version` of a JSON answer, or is in the name of one of its pods there."""
    port: int = 9080
    own_path: str = "/"
    """What its pods answer themselves: asked by the client pod, past the gateway."""
    release: str = ""
    """The entry's name in the stack file; empty: the service's name."""
    tester: Tester | None = None
    client: bool = True
    """Whether a client pod runs in its namespace; without one POSTs go through the gateway."""
    from_inside: bool = False
    """Shares are measured by the client pod at the service's name instead of at `asked`."""
    new_connections: bool = False
    """The client pod opens one connection per request: where nothing else splits them."""
    stars: Mapping[str, str | None] = field(default_factory=dict)
    """The colour of the stars by version; empty where a service has none."""

    @property
    def entry(self) -> str:
        """The name of its release in the stack file."""
        return self.release or self.name

    @property
    def url(self) -> str:
        """The service by its name, as the client pod calls it."""
        return f"http://{self.name}:{self.port}{self.own_path}"
