import pytest
from rich.console import Console

from demo.gateway_requests import Answers
from demo.measure import Measurement
from demo.results import ChapterResult, WalkResult
from demo.scenarios import SCENARIOS
from demo.story import Story
from demo.summary import CELLS, explain_counts, make_bar, make_table, share_cells


@pytest.mark.parametrize(
    ("counts", "cells"),
    [
        ({"v1": 2000}, {"v1": 40}),
        ({"v1": 1800, "v2": 200}, {"v1": 36, "v2": 4}),
        ({"v1": 1999, "v2": 1}, {"v1": 39, "v2": 1}),
        ({"v1": 1000, "v2": 0}, {"v1": 40}),
        ({}, {}),
    ],
)
def test_a_bar_has_a_cell_for_whoever_answered_at_all(
    counts: dict[str, int], cells: dict[str, int]
) -> None:
    assert share_cells(counts) == cells
    assert sum(cells.values()) in (0, CELLS)


def test_a_version_looks_the_same_in_every_bar() -> None:
    assert make_bar({"v2": 5}, ("v1", "v2")) == f"[green]{'░' * CELLS}[/]"


def test_counts_carry_their_shares() -> None:
    assert explain_counts({"v1": 1791, "v2": 209}) == "v1 1791 (89.55 %), v2 209 (10.45 %)"
    assert explain_counts({}) == "none"


@pytest.mark.parametrize("story", SCENARIOS.values(), ids=SCENARIOS)
def test_the_table_fits_into_80_columns(story: Story) -> None:
    """With the longest figures that a walk can have."""
    result = WalkResult(story.name, story.checks)
    for chapter in story.chapters:
        if not chapter.shares:
            result.chapters.append(ChapterResult(chapter, (), "", 1.5, 11.1, None, 1500, 0, ()))
            continue
        answers = Answers(5600, dict.fromkeys(chapter.shares, 2800), 0, (), 9.9)
        testers = Answers(50, {chapter.testers_see: 50}, 0, (), 0.1)
        arrived = dict.fromkeys(chapter.shares, 5600)
        found = Measurement(answers, arrived, testers)
        result.chapters.append(ChapterResult(chapter, (), "", 1.5, 11.1, found, 1500, 0, ()))
    console = Console(width=80)

    with console.capture() as captured:
        console.print(make_table(result))

    assert "…" not in captured.get()
