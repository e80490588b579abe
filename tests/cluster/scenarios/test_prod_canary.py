"""What the canary in namespace `prod` has to show beside being as intended: who notices what, and who does not."""

import pytest

from demo.results import ChapterResult
from tests.cluster.scenarios.conftest import Walker


@pytest.fixture(scope="module")
def chapters(walk: Walker) -> dict[str, ChapterResult]:
    """The chapters by title."""
    return {found.chapter.title: found for found in walk("prod-canary").chapters}


def test_users_notice_neither_the_change_of_hands_nor_somebody_elses_fault(
    chapters: dict[str, ChapterResult],
) -> None:
    """Two pages are asked 40 times a second all the while."""
    asked = {title: found.load_sent for title, found in chapters.items()}

    assert asked.pop("somebody's Bookinfo") == 0
    assert min(asked.values()) > 0
    assert {title for title, found in chapters.items() if found.load_failed} == set()


def test_v2_answers_nobody_while_it_is_dark(chapters: dict[str, ChapterResult]) -> None:
    measured = chapters["dark"].measured

    assert measured
    assert measured.answers.by_version == {"v1": measured.answers.sent}


def test_a_fault_comes_and_goes_with_its_key(chapters: dict[str, ChapterResult]) -> None:
    came, went = (chapters[title].changes for title in ("7 s for jason", "no fault any more"))

    assert {line.partition(",")[0] for line in came} == {"+ VirtualService ratings"}
    assert {line.partition(",")[0] for line in went} == {"- VirtualService ratings"}
