"""Weights as numbers of pods: what comes nearest, and what is refused."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesh_canary.release.pod_counts import (
    PodCounts,
    check_counts,
    counts_for,
    nearest_counts,
    nearest_weight,
)
from tests.builders import a_budget, a_release, at

weights = st.integers(min_value=1, max_value=99)
pods = st.integers(min_value=1, max_value=40)


@pytest.mark.parametrize(
    ("weight", "least", "most", "counts"),
    [
        (10, 3, 10, "9 + 1"),
        (25, 3, 4, "3 + 1"),
        (50, 3, 4, "2 + 2"),
        (50, 3, 10, "2 + 2"),
        (75, 3, 4, "1 + 3"),
        (33, 3, 4, "2 + 1"),
        (90, 3, 10, "1 + 9"),
        (1, 1, 100, "99 + 1"),
        (20, 6, 10, "8 + 2"),
        (10, 1, 1, "1 + 1"),
    ],
)
def test_a_weight_wants_these_pods(weight: int, least: int, most: int, counts: str) -> None:
    assert str(nearest_counts(weight, least, most)) == counts


@given(weights, pods, pods)
def test_no_other_counts_come_nearer(weight: int, one: int, two: int) -> None:
    least, most = sorted((one, two))
    found = nearest_counts(weight, least, most)
    others = [
        PodCounts(total - canary, canary)
        for total in range(max(2, least), max(2, least, most) + 1)
        for canary in range(1, total)
    ]

    assert found in others
    assert found.off_by(weight) == min(other.off_by(weight) for other in others)
    assert not [
        other
        for other in others
        if other.off_by(weight) == found.off_by(weight)
        and other.stable + other.canary < found.stable + found.canary
    ]


@given(weights, weights, pods, pods)
def test_a_larger_weight_never_gives_a_smaller_share(
    one: int, other: int, least: int, more: int
) -> None:
    low, high = sorted((one, other))
    shares = [nearest_counts(w, least, least + more).share_percent for w in (low, high)]

    assert shares == sorted(shares)


@given(weights, pods, pods)
def test_more_pods_never_come_less_near(weight: int, least: int, most: int) -> None:
    few, many = nearest_counts(weight, least, most), nearest_counts(weight, least, most + 1)

    assert many.off_by(weight) <= few.off_by(weight)


@given(
    st.integers(min_value=2, max_value=50).flatmap(
        lambda n: st.tuples(st.just(n), st.integers(1, n - 1))
    )
)
def test_a_share_is_the_canarys_part_of_the_pods(counts: tuple[int, int]) -> None:
    total, canary = counts

    assert PodCounts(total - canary, canary).share_percent == Fraction(100 * canary, total)


@given(weights, pods, st.integers(min_value=2, max_value=40), st.sampled_from([0, 0.5, 1, 5.0]))
def test_the_weight_that_a_refusal_names_is_accepted(
    weight: int, stable: int, most: int, tolerance: float
) -> None:
    budget = a_budget(stable=stable, max_pods=max(most, stable, 2), tolerance_percent=tolerance)
    if (near := nearest_weight(weight, budget)) is not None:
        assert check_counts("releases.reviews", at(near, steps=[near]), budget) == []
        assert counts_for(near, budget).stable + counts_for(near, budget).canary <= budget.max_pods


def test_a_weight_that_pods_cannot_give_is_refused_with_the_nearest_that_they_can() -> None:
    (problem,) = check_counts("releases.reviews", at(10, steps=[10]), a_budget(max_pods=4))

    assert problem.key == "releases.reviews.steps[0]"
    assert problem.rule == (
        "3 + 1 of at most 4 pods come nearest and give 25 %, further off than tolerance_percent: 1"
    )
    assert problem.hint == (
        "25 is the nearest weight that these pods give (3 + 1);"
        " max_pods: 10 allows 9 + 1 pods; or raise tolerance_percent"
    )


def test_the_whole_ladder_is_checked_while_the_canary_is_dark() -> None:
    problems = check_counts("releases.reviews", a_release(steps=[1, 25, 99]), a_budget(max_pods=4))

    assert [problem.key for problem in problems] == [
        "releases.reviews.steps[0]",
        "releases.reviews.steps[2]",
    ]


@pytest.mark.parametrize("stage", ["promoted", "rolled_back"])
def test_the_way_back_is_never_refused_for_pods(stage: str) -> None:
    assert check_counts("releases.reviews", at(stage, steps=[1]), a_budget(max_pods=2)) == []


def test_no_stage_has_fewer_pods_than_stable_alone() -> None:
    (problem,) = check_counts("releases.reviews", a_release(), a_budget(stable=5, max_pods=4))

    assert (problem.key, problem.value) == ("releases.reviews.max_pods", "4")
    assert problem.hint == "set max_pods: 5 or more"


@given(weights, pods, st.integers(min_value=2, max_value=60))
def test_a_weight_never_costs_capacity(weight: int, stable: int, most: int) -> None:
    budget = a_budget(stable=stable, max_pods=max(most, stable))
    counts = counts_for(weight, budget)

    assert counts.stable + counts.canary >= stable
