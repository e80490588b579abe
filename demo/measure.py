"""Everything that is measured at one stage. What it has to be is decided in `verdict.py`.

Each kind of request carries a user agent of its own, which the services pass on downstream; so what
arrived at the pods of a version can be counted without anybody else's requests.
"""

import time
import uuid
from dataclasses import dataclass

from demo.gateway_requests import Answers, ask_api, ask_page_as
from demo.inside import PORT, QUIET_SECONDS, Inside
from demo.statistics import sample_size
from demo.story import Chapter, Story

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
    """The figures of one stage."""

    answers: Answers
    arrived: dict[str, int]
    """GETs of the same requests that reached the pods of a version, copies included."""
    testers: Answers
    direct: DirectCalls | None = None
    posts: dict[str, int] | None = None
    """POSTs of the client pod that arrived, by version; None where nothing is mirrored."""

    def copies(self, version: str) -> int:
        """Requests that arrived at a version beyond those it answered."""
        return self.arrived.get(version, 0) - self.answers.by_version.get(version, 0)


def measure(story: Story, chapter: Chapter, gateway: str, inside: Inside) -> Measurement:
    """All figures of a stage that `pulumi up` has just reached."""
    tag = f"demo-{uuid.uuid4().hex[:12]}"
    service = story.service
    sample = sample_size(chapter.sampled_percent, story.checks)
    answers = ask_api(gateway, service, sample, tag)
    expected = dict(answers.by_version)
    if chapter.copies_to:
        expected[chapter.copies_to] = expected.get(chapter.copies_to, 0) + answers.sent
    return Measurement(
        answers=answers,
        arrived=inside.arrived_settled(service, chapter.shares, tag, expected),
        testers=ask_page_as(story.tester, gateway, service, TESTER_REQUESTS, f"{tag}-tester"),
        direct=_call_directly(story, chapter.called_directly, inside, f"{tag}-direct"),
        posts=_send_posts(story, chapter, inside, f"{tag}-post") if chapter.copies_to else None,
    )


def _call_directly(
    story: Story, version: str | None, inside: Inside, tag: str
) -> DirectCalls | None:
    """Past every route: the client pod asks a pod of the version by its address."""
    if version is None:
        return None
    pod = inside.pod(story.service, version)
    url = f"http://{pod.address}:{PORT}/{story.service}/0"
    said = inside.send_from_client(url, DIRECT_REQUESTS, tag)
    stars = inside.stars(story.service, version)
    return DirectCalls(version, pod.address, said.sent, said.by_version, stars)


def _send_posts(story: Story, chapter: Chapter, inside: Inside, tag: str) -> dict[str, int]:
    """POSTs to the service by its name; where they arrived. The answer (405) does not matter."""
    url = f"http://{story.service}:{PORT}/{story.service}/0"
    inside.send_from_client(url, POSTS, tag, method="POST")
    time.sleep(QUIET_SECONDS)  # a copy that should not be would come a moment later
    return {v: inside.arrived(story.service, v, "POST", tag) for v in chapter.shares}
