"""What the walk of Pitstop has to show besides shares: writes, the load test, and failures that no page tells of."""

import re

import pytest

from demo.results import WalkResult
from tests.cluster.scenarios.conftest import Walker


@pytest.fixture(scope="module")
def walked(walk: Walker) -> WalkResult:
    return walk("pitstop")


def said(result: WalkResult, check: str) -> list[str]:
    """What a check said, wherever it looked."""
    return [s.finding.said for c in result.chapters for s in c.seen if s.name == check]


def test_no_answer_fails_and_no_call_behind_a_page_fails_but_the_intended_ones(
    walked: WalkResult,
) -> None:
    calls = said(walked, "API side")

    assert [c.load_failed for c in walked.chapters] == [0] * len(walked.chapters)
    assert len(calls) >= len(walked.chapters) - 2  # all but the faults' chapter and the app's end
    assert all(re.search(r"customers 0 of [1-9]", call) for call in calls)


def test_a_form_is_written_once_at_every_stage(walked: WalkResult) -> None:
    forms = said(walked, "forms")

    assert len(forms) >= 3
    assert all("Customer 1, Vehicle 1, WorkshopPlanning 1" in written for written in forms)


def test_a_load_test_ends_by_itself_with_every_answer_counted(walked: WalkResult) -> None:
    (load,) = said(walked, "load test")

    assert re.fullmatch(r"ended by itself; 200 for (\w+ [1-9]\d*(, )?){4}", load)


def test_a_quarter_of_the_calls_fail_and_no_page_says_so(walked: WalkResult) -> None:
    (faults,) = said(walked, "faults")

    assert re.match(r"[1-9]\d* of \d+ calls failed", faults)
    assert "0 views failed" in faults
