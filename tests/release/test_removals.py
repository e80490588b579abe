"""A release leaves the stack file when one version runs alone, and the app itself runs that one."""

import pytest

from mesh_canary.release import (
    check_removal,
    check_unfinished,
)
from tests.builders import a_record, an_image
from tests.release.live_stands import (
    STANDS,
    V1_STANDS,
    Stand,
    recorded,
)


@pytest.mark.parametrize("running", [("v1", "v2"), None])
@pytest.mark.parametrize("stand", [s for s in STANDS if s != "rolled_back"])
def test_a_release_of_two_versions_that_run_is_not_taken_out_of_the_file(
    stand: Stand, running: tuple[str, ...] | None
) -> None:
    """Without its route the Service sends requests to both."""
    (problem,) = check_removal("reviews", recorded(stand), V1_STANDS, running)

    assert problem.key == "releases.reviews"
    assert "v1 and v2 run" in problem.rule
    assert "rolled_back" in problem.hint
    assert "retire_stable" in problem.hint


V2_STANDS = {("bookinfo", "reviews"): ("v2", an_image("v2"))}
RETIRED_RECORD = a_record("promoted", retire_stable=True)


def test_a_release_may_go_when_the_app_runs_what_carries_everything() -> None:
    for running in (("v1",), None):
        assert check_removal("reviews", recorded("rolled_back"), V1_STANDS, running) == []
    for running in (("v2",), None):
        assert check_removal("reviews", RETIRED_RECORD, V2_STANDS, running) == []


@pytest.mark.parametrize("stray", ["v2", "v7"])
def test_a_release_stays_while_the_cluster_runs_more_than_is_recorded(stray: str) -> None:
    """A killed run left it; without the route it gets requests."""
    (problem,) = check_removal("reviews", recorded("rolled_back"), V1_STANDS, ("v1", stray))

    assert f"v1 and {stray} run" in problem.rule


def test_a_release_stays_while_another_version_runs_than_carries() -> None:
    assert check_removal("reviews", RETIRED_RECORD, V2_STANDS, ("v1",))


@pytest.mark.parametrize("app", [("v1", an_image("v9")), ("v2", an_image("v1"))])
def test_a_release_stays_while_the_app_runs_something_else(app: tuple[str, str]) -> None:
    standing = {("bookinfo", "reviews"): app}
    (problem,) = check_removal("reviews", recorded("rolled_back"), standing, ("v1",))

    assert "carries every request of bookinfo/reviews" in problem.rule
    assert f"once the app itself runs v1 ({an_image('v1')})" in problem.hint


def test_a_release_of_another_stacks_app_is_forgotten_rather_than_removed() -> None:
    """Its Deployment would be deleted, and no app of this stack takes it over."""
    (problem,) = check_removal("reviews", recorded("rolled_back"), {}, ("v1",))

    assert "carries every request of bookinfo/reviews" in problem.rule
    assert "pulumi state delete --target-dependents" in problem.hint


def test_a_release_that_never_came_to_its_end_is_not_taken_out() -> None:
    (problem,) = check_unfinished("reviews")

    assert problem.key == "releases.reviews"
    assert "never came to its end" in problem.rule
    assert "rolled_back" in problem.hint
