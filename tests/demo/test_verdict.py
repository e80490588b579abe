"""What is called wrong, and what is not."""

from dataclasses import replace

import pytest

from demo.bookinfo import REVIEWS
from demo.gateway_requests import Answers
from demo.load import LoadResult
from demo.measure import DirectCalls, Measurement
from demo.story import Chapter
from demo.verdict import judge as judge_all
from demo.verdict import judge_load

DARK = Chapter("dark", {}, {"v1": 100, "v2": 0}, testers_see="v2", called_directly="v2")
MIRROR = Chapter("mirror", {}, {"v1": 100, "v2": 0}, testers_see="v2", copies_to="v2")
WEIGHTED = Chapter("weighted 10", {}, {"v1": 90, "v2": 10}, testers_see="v2")
CHECKS = 3


def judge(chapter: Chapter, found: Measurement, checks: int) -> list[str]:
    return judge_all(chapter, REVIEWS, found, checks)


def answers(failed: int = 0, **by_version: int) -> Answers:
    sent = sum(by_version.values()) + failed
    return Answers(sent, by_version, failed, ("status 503",) if failed else (), seconds=1.0)


def measured(found: Answers, arrived: dict[str, int] | None = None) -> Measurement:
    return Measurement(found, arrived or dict(found.by_version), testers=answers(v2=50))


def test_a_stage_as_intended_has_no_complaints() -> None:
    assert judge(WEIGHTED, measured(answers(v1=2161, v2=239)), CHECKS) == []


def test_one_request_at_a_dark_version_is_a_complaint() -> None:
    found = judge(DARK, measured(answers(v1=1999, v2=1)), CHECKS)

    assert found == [
        "v1 answered 1999 of 2000 requests; 100 % are intended, which is 2000 to 2000",
        "v2 answered 1 of 2000 requests; 0 % are intended, which is 0 to 0",
    ]


def test_a_share_that_is_far_off_is_a_complaint_that_names_what_would_do() -> None:
    found = judge(WEIGHTED, measured(answers(v1=2040, v2=360)), CHECKS)

    assert "v2 answered 360 of 2400 requests; 10 % are intended, which is 168 to 318" in found


def test_a_version_that_is_no_part_of_the_stage_is_a_complaint() -> None:
    found = judge(DARK, measured(answers(v1=2000, v3=2)), CHECKS)

    assert "v3 answered 2 requests and is not part of this stage" in found


def test_a_failed_request_is_a_complaint() -> None:
    found = judge(DARK, measured(answers(v1=1999, failed=1)), CHECKS)

    assert found == ["1 of 2000 requests failed: status 503"]


@pytest.mark.parametrize("copies", [1999, 2001, 0])
def test_copies_have_to_be_as_many_as_the_requests(copies: int) -> None:
    mirrored = replace(
        measured(answers(v1=2000), {"v1": 2000, "v2": copies}), posts={"v1": 200, "v2": 0}
    )

    assert judge(MIRROR, mirrored, CHECKS) == [f"v2 got {copies} copies; 2000 are intended"]


def test_a_copied_post_is_a_complaint() -> None:
    mirrored = replace(
        measured(answers(v1=2000), {"v1": 2000, "v2": 2000}), posts={"v1": 200, "v2": 3}
    )

    assert judge(MIRROR, mirrored, CHECKS) == ["3 POSTs were copied to v2"]


def test_posts_that_are_mirrored_on_purpose_are_copied_one_by_one() -> None:
    chapter = replace(MIRROR, posts_are_copied=True)
    found = measured(answers(v1=2000), {"v1": 2000, "v2": 2000})

    assert judge(chapter, replace(found, posts={"v1": 200, "v2": 200}), CHECKS) == []
    assert judge(chapter, replace(found, posts={"v1": 200, "v2": 199}), CHECKS) == [
        "199 POSTs were copied to v2; 200 are intended"
    ]


def test_where_faults_are_intended_answers_may_fail() -> None:
    chapter = replace(DARK, faults="25 % of the calls are aborted")

    assert judge(chapter, measured(answers(v1=1500, failed=500)), CHECKS) == []


def test_a_request_that_arrived_at_the_dark_version_without_being_answered_is_a_complaint() -> None:
    found = judge(DARK, measured(answers(v1=2000), {"v1": 2000, "v2": 1}), CHECKS)

    assert found == ["v2 got 1 copies; 0 are intended"]


def test_a_tester_who_sees_stable_once_is_a_complaint() -> None:
    found = replace(measured(answers(v1=2000)), testers=answers(v1=1, v2=49))

    assert judge(DARK, found, CHECKS) == ["testers are to see v2, and saw v1 1, v2 49"]


def test_the_version_called_directly_has_to_answer_with_its_own_stars() -> None:
    direct = DirectCalls("v2", "10.0.0.8", 20, {"v1": 20}, stars=None)
    found = replace(measured(answers(v1=2000)), direct=direct)

    assert judge(DARK, found, CHECKS) == [
        "called at 10.0.0.8, v2 is to answer 20 times; answers: {'v1': 20}",
        "v2 shows stars: None, not black",
    ]


@pytest.mark.parametrize(
    ("result", "complaint"),
    [
        (LoadResult(900, 2, 0, {"200": 898, "503": 2}), "2 of 900 background requests failed"),
        (LoadResult(900, 0, 1, {"200": 900}), "1 background connections broke"),
        (LoadResult(0, 0, 0, {}), "the background load sent nothing"),
    ],
)
def test_the_load_may_not_fail_once(result: LoadResult, complaint: str) -> None:
    assert complaint in judge_load(result)[0]


def test_a_load_without_failures_has_no_complaints() -> None:
    assert judge_load(LoadResult(900, 0, 0, {"200": 900})) == []


def test_a_walk_whose_every_chapter_intends_faults_has_a_load_too() -> None:
    nothing, faulty = LoadResult(0, 0, 0, {}), LoadResult(90, 30, 0, {"200": 60, "500": 30})

    assert judge_load(nothing, faulty) == []
