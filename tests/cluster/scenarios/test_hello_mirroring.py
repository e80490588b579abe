"""What Hello-Mirroring has to show beside being as intended: what is copied, and that users notice nothing."""

import pytest

from demo.results import ChapterResult
from tests.cluster.scenarios.conftest import Walker


@pytest.fixture(scope="module")
def chapters(walk: Walker) -> dict[str, ChapterResult]:
    """The chapters that were measured, by title."""
    return {found.chapter.title: found for found in walk("hello-mirroring").chapters}


def test_users_see_v1_alone_whatever_is_mirrored(chapters: dict[str, ChapterResult]) -> None:
    measured = {title: found.measured for title, found in chapters.items() if found.measured}

    assert len(measured) == 6
    for title, figures in measured.items():
        assert figures.answers.by_version == {"v1": figures.answers.sent}, title


def test_v2_gets_every_request_once_where_they_are_mirrored_and_none_elsewhere(
    chapters: dict[str, ChapterResult],
) -> None:
    for title, found in chapters.items():
        if found.measured:
            wanted = found.requests if found.chapter.copies_to else 0
            assert found.measured.copies("v2") == wanted, title


def test_a_write_is_copied_only_after_both_words(chapters: dict[str, ChapterResult]) -> None:
    posts = {
        title: found.measured.posts["v2"]
        for title, found in chapters.items()
        if found.measured and found.measured.posts
    }

    assert {title for title, copied in posts.items() if copied} == {"every method", "mutual TLS"}


def test_nobody_notices_an_edit(chapters: dict[str, ChapterResult]) -> None:
    assert {
        title: found.load_failed for title, found in chapters.items() if found.load_failed
    } == {}
