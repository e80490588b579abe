import pytest

from tests.cluster.configs import environment, reviews
from tests.cluster.conftest import Environment
from tests.cluster.kube import Kube
from tests.cluster.walk import (
    CHANGED_IN_THE_MIDDLE,
    ILLEGAL,
    MAY_FOLLOW,
    UNDER_WAY,
    UNFINISHED,
    Walk,
)

NEXT = {
    "nothing": ["set stage: dark"],
    "dark": ["stage: weighted, canary_weight: 10", "stage: rolled_back"],
    "mirror": ["stage: weighted, canary_weight: 10", "stage: dark", "stage: rolled_back"],
    "weighted 10": ["stage: weighted, canary_weight: 50", "stage: rolled_back"],
    "promoted": ["stage: rolled_back", "the next release: stable v2, stage: dark"],
    "rolled_back": ["stage: dark"],
}
"""Legal moves that a refusal names, as they are typed."""


@pytest.mark.parametrize(("at", "to"), ILLEGAL)
def test_an_illegal_move_is_refused_and_the_legal_ones_are_named(
    at: str, to: str, reviews_walk: Walk
) -> None:
    ran = reviews_walk.seen[at].refused[to]

    assert ran.refused, ran.output
    assert "releases.reviews." in ran
    assert [move for move in NEXT[at] if move not in ran] == [], ran.output


@pytest.mark.parametrize("change", [*CHANGED_IN_THE_MIDDLE])
@pytest.mark.parametrize("stage", UNDER_WAY)
def test_versions_and_images_stay_while_a_release_is_under_way(
    stage: str, change: str, reviews_walk: Walk
) -> None:
    ran = reviews_walk.seen[stage].refused[change]

    assert ran.refused, ran.output
    assert "versions and images stay until the release under way ends" in ran


@pytest.mark.parametrize("stage", UNFINISHED)
def test_a_release_that_is_not_over_cannot_be_taken_out(stage: str, reviews_walk: Walk) -> None:
    ran = reviews_walk.seen[stage].refused["no entry"]

    assert ran.refused, ran.output
    assert "releases.reviews" in ran
    assert "it can go after stage: rolled_back" in ran


def test_an_illegal_move_is_refused_without_a_preview_as_well(reviews_walk: Walk) -> None:
    ran = reviews_walk.seen["dark"].refused["weighted 50 without a preview"]

    assert ran.refused, ran.output
    assert "the next step after 0 is 10 (steps: 10, 50)" in ran


@pytest.mark.parametrize("stage", [*MAY_FOLLOW])
def test_refused_runs_change_nothing_in_the_cluster(stage: str, reviews_walk: Walk) -> None:
    """Everything that a release writes is as it was, and the same pods run."""
    assert reviews_walk.seen[stage].untouched


def test_several_problems_are_told_in_one_run(
    shared: Environment, reviews_walk: Walk, kube: Kube
) -> None:
    """After the walk nothing of it is recorded, so each release here is a fresh start."""
    before = kube.within("bookinfo")

    ran = shared.stack.preview(
        environment(
            reviews=reviews("weighted", 10),
            ratings=reviews("promoted", service="ratings"),
            details=reviews("dark", service="details"),
        )
    )

    assert ran.refused, ran.output
    for told in ("releases.reviews.stage", "releases.ratings.stage", "releases.details.stable"):
        assert told in ran
    assert kube.within("bookinfo") == before
