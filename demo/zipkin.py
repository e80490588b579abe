"""Zipkin as a walk asks it: one request with an id of its own, and the chain of services that the id leads to."""

import secrets
import time
from dataclasses import dataclass
from typing import Any

from demo.prometheus import DOMAIN
from demo.scene import Check, Finding, Scene
from demo.service import Target

HOST = f"tracing.{DOMAIN}"
_ARRIVE_SECONDS = 20
"""A proxy sends its spans every 5 s, or five at once. Source: Envoy 1.40, tracing.zipkin.flush_interval_ms."""
Chain = frozenset[tuple[str, str]]
"""Who called whom, by service name without its namespace."""
Span = dict[str, Any]


@dataclass(frozen=True)
class Traced:
    """One request that was traced."""

    trace_id: str
    status: int
    spans: tuple[Span, ...]

    @property
    def chain(self) -> Chain:
        """Who called whom: for each span of a server, the nearest span above it that is of another service."""
        by_id = {(span["id"], span["kind"]): span for span in self.spans}
        return frozenset(
            (caller, service_of(span))
            for span in self.spans
            if span["kind"] == "SERVER" and (caller := _caller(span, by_id))
        )

    @property
    def request_ids(self) -> set[str]:
        """The x-request-id of every span that has one."""
        return {
            s["tags"]["guid:x-request-id"] for s in self.spans if "guid:x-request-id" in s["tags"]
        }

    @property
    def versions(self) -> dict[str, str]:
        """Which version of a service answered."""
        return {
            service_of(s): s["tags"].get("istio.canonical_revision", "")
            for s in self.spans
            if s["kind"] == "SERVER"
        }

    def milliseconds(self, service: str) -> float:
        """How long a service's own proxy says it took to answer."""
        durations: list[int] = [
            s["duration"] for s in self.spans if s["kind"] == "SERVER" and service_of(s) == service
        ]
        return max(durations) / 1000


def service_of(span: Span) -> str:
    """reviews.bookinfo is reviews."""
    name: str = span["localEndpoint"]["serviceName"]
    return name.partition(".")[0]


def trace(scene: Scene, target: Target, callees: frozenset[str], user: str = "") -> Traced:
    """Sends one request with a trace id of its own, and waits until spans of all `callees` are there, or too long."""
    trace_id = secrets.token_hex(16)
    ids = {"x-b3-traceid": trace_id, "x-b3-spanid": secrets.token_hex(8), "x-b3-sampled": "1"}
    asked = Target(target.path, target.host, {**target.headers, **ids})
    status = scene.look_at(asked, user).status_code
    deadline = time.monotonic() + _ARRIVE_SECONDS
    while True:
        answer = scene.look_at(Target(f"/api/v2/trace/{trace_id}", HOST))
        spans = tuple(answer.json()) if answer.is_success else ()
        servers = {service_of(span) for span in spans if span.get("kind") == "SERVER"}
        if callees <= servers or time.monotonic() > deadline:
            return Traced(trace_id, status, spans)
        time.sleep(0.5)


def shows_chain(target: Target, chain: Chain) -> Check:
    """Whether one request's id leads to exactly this chain in Zipkin."""

    def look(scene: Scene) -> Finding:
        found = trace(scene, target, frozenset(callee for _, callee in chain))
        wrong = []
        if found.chain != chain:
            wrong.append(f"{_arrows(found.chain)}, and intended is {_arrows(chain)}")
        if len(found.request_ids) != 1:
            wrong.append(f"{len(found.request_ids)} request ids in one trace")
        ids = ", ".join(found.request_ids)
        versions = ", ".join(
            f"{s} {v}" for s, v in sorted(found.versions.items()) if s in {"reviews"}
        )
        said = f"trace {found.trace_id}, request {ids}: {_arrows(found.chain)}; {versions}"
        return Finding(said, tuple(wrong))

    return Check("Zipkin", look)


def _caller(span: Span, by_id: dict[tuple[str, str], Span]) -> str | None:
    """The service of the first span above that is another service's; a client's span has its own id."""
    own, parent = service_of(span), span.get("parentId")
    while parent:
        above = by_id.get((parent, "CLIENT")) or by_id.get((parent, "SERVER"))
        if above is None:
            return None
        if service_of(above) != own:
            return service_of(above)
        parent = above.get("parentId")
    return None


def _arrows(chain: Chain) -> str:
    return ", ".join(f"{caller} → {callee}" for caller, callee in sorted(chain)) or "nothing"
