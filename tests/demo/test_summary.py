import pytest

from demo.summary import CELLS, explain_counts, make_bar, share_cells


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
