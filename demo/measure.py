"""Everything that is measured in one chapter. What it has to be is decided in `verdict.py`.

Each kind of request carries a user agent of its own, which the services pass on downstream; so what
arrived at the pods of a version can be counted without anybody else's requests.
"""

import time
import uuid
from dataclasses import dataclass

from demo.gateway_requests import Answers, ask, ask_as_tester
from demo.inside import QUIET_SECONDS, Inside
from demo.service import Service
from demo.statistics import sample_size
from demo.story import Chapter

TESTER_REQUESTS = 50
DIRECT_REQUESTS = 20
POSTS = 200


@dataclass(frozen=True)
class DirectCalls:
    """Calls by the client pod at the address of a pod of one version."""

    version: str
    address: str
    sent: int
    by_version: dict[str, int]
    stars: str | None


@dataclass(frozen=True)
class Measurement:
    """The figures of one chapter."""

    answers: Answers
    arrived: dict[str, int]
    """GETs of the same requests that reached the pods of a version, copies included."""
    testers: Answers | None = None
    direct: DirectCalls | None = None
    posts: dict[str, int] | None = None
    """POSTs that arrived, by version; None where nothing is mirrored."""

    def copies(self, version: str) -> int:
        """Requests that arrived at a version beyond those it answered."""
        return self.arrived.get(version, 0) - self.answers.by_version.get(version, 0)


def measure(
    service: Service, chapter: Chapter, checks: int, gateway: str, inside: Inside
) -> Measurement:
    """All figures of a stage that `pulumi up` has just reached."""
    tag = f"demo-{uuid.uuid4().hex[:12]}"
    sample = max(sample_size(percent, checks) for percent in chapter.sampled_percents)
    answers = _send(service, sample, tag, gateway, inside)
    expected = dict(answers.by_version)
    if chapter.copies_to:
        expected[chapter.copies_to] = expected.get(chapter.copies_to, 0) + answers.sent
    return Measurement(
        answers=answers,
        arrived=inside.arrived_settled(service, chapter.shares, tag, expected),
        testers=_ask_testers(service, chapter, gateway, f"{tag}-tester"),
        direct=_call_directly(service, chapter.called_directly, inside, f"{tag}-direct"),
        posts=_send_posts(service, chapter, gateway, inside, f"{tag}-post"),
    )


def _send(service: Service, sample: int, tag: str, gateway: str, inside: Inside) -> Answers:
    """The requests whose shares count: through the gateway, or by the client pod."""
    if not service.from_inside:
        return ask(gateway, service, sample, tag)
    fresh = service.new_connections
    said = inside.send_from_client(service.url, sample, tag, new_connections=fresh)
    nameless = said.sent - said.failed - sum(said.by_version.values())
    errors = (*said.errors, *(["the answer names no version"] if nameless else []))
    return Answers(said.sent, said.by_version, said.failed + nameless, errors, said.seconds)


def _ask_testers(service: Service, chapter: Chapter, gateway: str, tag: str) -> Answers | None:
    if not chapter.testers_see:
        return None
    return ask_as_tester(gateway, service, TESTER_REQUESTS, tag)


def _call_directly(
    service: Service, version: str | None, inside: Inside, tag: str
) -> DirectCalls | None:
    """Past every route: the client pod asks a pod of the version by its address."""
    if version is None:
        return None
    pod = inside.pod(service.name, version)
    url = f"http://{pod.address}:{service.port}{service.own_path}"
    said = inside.send_from_client(url, DIRECT_REQUESTS, tag)
    stars = inside.stars(service, version) if service.stars else None
    return DirectCalls(version, pod.address, said.sent, said.by_version, stars)


def _send_posts(
    service: Service, chapter: Chapter, gateway: str, inside: Inside, tag: str
) -> dict[str, int] | None:
    """POSTs to the service; where they arrived. What is answered (405 by Bookinfo) does not matter."""
    if chapter.copies_to is None:
        return None
    if service.client:
        inside.send_from_client(service.url, POSTS, tag, method="POST")
    else:
        ask(gateway, service, POSTS, tag, method="POST")
    time.sleep(QUIET_SECONDS)  # a copy that should not be would come a moment later
    return {v: inside.arrived(service, v, "POST", tag) for v in chapter.shares}
