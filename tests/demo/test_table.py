"""The README's table of scenarios: it names all of them, and says what walks found."""

from typing import Any

import pytest

from demo.gateway_requests import Answers
from demo.load import LoadResult
from demo.measure import Measurement
from demo.removal import Removal
from demo.results import ChapterResult, WalkResult
from demo.scenarios import SCENARIOS
from demo.table import BEGIN, END, README, fill, is_of, row_of, rows_in

STORY = SCENARIOS["release"]
PAGE = f"before\n{BEGIN}\nold\n{END}\nafter\n"


def walked(chapters: int = len(STORY.chapters), **changes: Any) -> dict[str, Any]:
    """A walk without complaints, by default to its end."""
    result = WalkResult(STORY.name, STORY.checks, len(STORY.chapters), setup_seconds=13.0)
    result.load = LoadResult(4000, 0, 0, {"200": 4000})
    result.settled, result.removal = True, Removal(20.0, (), ())
    for chapter in STORY.chapters[:chapters]:
        answers = Answers(2000, {"v1": 2000}, 0, (), 1.0)
        testers = Answers(50, {"v2": 50}, 0, (), 1.0)
        measured = Measurement(answers, {}, testers)
        result.chapters.append(ChapterResult(chapter, (), "", 1, 2, measured, 500, 0, ()))
    return {**result.as_data(), **changes}


def test_the_readmes_table_names_exactly_the_scenarios_there_are() -> None:
    table = README.read_text().partition(BEGIN)[2].partition(END)[0]

    assert list(rows_in(table)) == list(SCENARIOS)


def test_a_walk_to_its_end_fills_every_cell() -> None:
    assert row_of(STORY, walked()) == (
        "yes",
        "7 of 7",
        "1 of 1",
        "20,400 requests, 0 failed",
        "yes",
    )


@pytest.mark.parametrize(
    ("data", "index", "cell"),
    [
        (walked(setup_seconds=0.0), 0, "**no**"),
        (walked(chapters=3), 1, "**3 of 7**"),
        (walked(chapters=3), 2, "**0 of 1**"),
        (walked(settled=False), 2, "1 of 1, and is not settled"),
        (walked(load={"sent": 100, "failed": 3}), 3, "16,500 requests, 3 failed"),
        (
            walked(intended={"sent": 1000, "failed": 250}),
            3,
            "20,400 requests, 0 failed; 250 of 1,000 on purpose",
        ),
        (walked(removal=None), 4, "**no**"),
        (walked(removal={"left": ["Namespace.v1 shop"]}), 4, "**no**"),
    ],
)
def test_what_went_wrong_is_in_the_table(data: dict[str, Any], index: int, cell: str) -> None:
    assert row_of(STORY, data)[index] == cell


def test_a_walk_of_other_chapters_is_none_of_the_story() -> None:
    assert is_of(STORY, walked())
    assert is_of(STORY, walked(chapters=3))
    assert not is_of(STORY, walked(chapters_planned=9))
    assert not is_of(SCENARIOS["own-service"], walked())


def test_a_scenario_that_was_not_walked_keeps_its_row() -> None:
    page = fill(PAGE, {"release": walked()})

    assert fill(page, {}) == page
    assert page.startswith("before\n")
    assert page.endswith("after\n")
