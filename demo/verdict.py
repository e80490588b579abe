"""Whether a stage shows what it has to show: the complaints, in words; none when all is well."""

from demo.gateway_requests import Answers
from demo.load import LoadResult
from demo.measure import POSTS, DirectCalls, Measurement
from demo.service import Service
from demo.statistics import acceptance_region
from demo.story import Chapter


def judge(chapter: Chapter, service: Service, measured: Measurement, checks: int) -> list[str]:
    """Everything that is not as the chapter intends."""
    return [
        *_judge_shares(chapter, measured.answers, checks),
        *_judge_failures("requests", measured.answers, chapter.faults),
        *_judge_copies(chapter, measured),
        *_judge_testers(chapter, measured.testers),
        *_judge_direct(service, measured.direct),
        *_judge_posts(chapter, measured.posts),
    ]


def judge_load(result: LoadResult, intended: LoadResult | None = None) -> list[str]:
    """What the background load has to say against the walk as a whole; faults may be `intended` in a part of it."""
    complaints = []
    if result.failed:
        shown = ", ".join(f"{n} x {status}" for status, n in sorted(result.by_status.items()))
        complaints.append(f"{result.failed} of {result.sent} background requests failed ({shown})")
    if result.broken_connections:
        complaints.append(f"{result.broken_connections} background connections broke")
    if not result.sent and not (intended and intended.sent):
        complaints.append("the background load sent nothing")
    return complaints


def _judge_shares(chapter: Chapter, answers: Answers, checks: int) -> list[str]:
    """Of two versions, what one gets decides what the other gets: one of them is judged by chance."""
    complaints = [
        f"{version} answered {count} requests and is not part of this stage"
        for version, count in answers.by_version.items()
        if version not in chapter.shares
    ]
    answered = answers.answered
    for version, percent in chapter.shares.items():
        count = answers.by_version.get(version, 0)
        region = acceptance_region(percent, answered, checks)
        if count not in region:
            complaints.append(
                f"{version} answered {count} of {answered} requests; {percent:g} % are intended,"
                f" which is {region.least} to {region.most}"
            )
    return complaints


def _judge_failures(what: str, answers: Answers, faults: str = "") -> list[str]:
    if not answers.failed or faults:
        return []
    return [f"{answers.failed} of {answers.sent} {what} failed: {'; '.join(answers.errors)}"]


def _judge_copies(chapter: Chapter, measured: Measurement) -> list[str]:
    complaints = []
    for version in chapter.shares:
        intended = measured.answers.sent if version == chapter.copies_to else 0
        copies = measured.copies(version)
        if copies != intended:
            complaints.append(f"{version} got {copies} copies; {intended} are intended")
    return complaints


def _judge_testers(chapter: Chapter, testers: Answers | None) -> list[str]:
    if testers is None:
        return []
    right = testers.by_version.get(chapter.testers_see, 0)
    complaints = _judge_failures("views by a tester", testers)
    if right + testers.failed != testers.sent:
        seen = ", ".join(f"{v} {n}" for v, n in testers.by_version.items())
        complaints.append(f"testers are to see {chapter.testers_see}, and saw {seen}")
    return complaints


def _judge_direct(service: Service, direct: DirectCalls | None) -> list[str]:
    if direct is None:
        return []
    complaints = []
    if direct.by_version != {direct.version: direct.sent}:
        complaints.append(
            f"called at {direct.address}, {direct.version} is to answer {direct.sent} times;"
            f" answers: {direct.by_version or 'none'}"
        )
    stars = service.stars.get(direct.version)
    if direct.stars != stars:
        complaints.append(f"{direct.version} shows stars: {direct.stars}, not {stars}")
    return complaints


def _judge_posts(chapter: Chapter, posts: dict[str, int] | None) -> list[str]:
    if posts is None:
        return []
    live = [version for version, percent in chapter.shares.items() if percent]
    complaints = []
    if sum(posts[version] for version in live) != POSTS:
        complaints.append(f"of {POSTS} POSTs, {posts} arrived")
    for version in posts:
        copied = POSTS if chapter.posts_are_copied and version == chapter.copies_to else 0
        if version not in live and posts[version] != copied:
            said = f"{posts[version]} POSTs were copied to {version}"
            complaints.append(f"{said}; {copied} are intended" if copied else said)
    return complaints
