"""The live route against the record: lost states, edits by hand, runs that were killed, entries that go."""

from dataclasses import replace

import pytest

from mesh_canary.release import (
    LiveRoute,
    Record,
    TrafficSplit,
    check_removal,
    check_transition,
    explain_live,
    plan_release,
)
from mesh_canary.release.traffic import split_between
from mesh_canary.settings import Problem, ReleaseSettings
from tests.builders import a_live_route, a_record, a_version, an_image, at

Stand = int | str
STEPS = [10, 25, 50]
STANDS: tuple[Stand, ...] = ("dark", "mirror", 10, 25, 50, "promoted", "rolled_back")
V1_STANDS = {("bookinfo", "reviews"): ("v1", an_image("v1"))}


def asked_for(stand: Stand) -> ReleaseSettings:
    """The release at a place of the ladder 10, 25, 50."""
    return at(stand, steps=STEPS)


def recorded(stand: Stand) -> Record:
    """What the state says once the release stood there."""
    return a_record(stand, steps=STEPS)


def routed(canary_percent: int) -> LiveRoute:
    """The route as we wrote it for a weight of v2."""
    return a_live_route(TrafficSplit(split_between("v1", "v2", canary_percent)))


def check(release: ReleaseSettings, record: Record | None, live: LiveRoute) -> list[Problem]:
    """What speaks against it, of the release called reviews."""
    return check_transition("reviews", release, record, live, {})


EDITED = a_live_route(weights={"v1": 30, "v2": 70})
CHANGES = [EDITED, LiveRoute({}), a_live_route(gateway_edited=True)]


@pytest.mark.parametrize("stand", ["dark", "mirror", 25, "promoted"])
def test_a_state_that_was_lost_goes_on_where_the_live_route_stands(stand: Stand) -> None:
    release = asked_for(stand)

    assert check(release, None, routed(release.step)) == []


@pytest.mark.parametrize("stand", [10, 25, "promoted"])
def test_a_state_that_was_lost_goes_nowhere_else(stand: Stand) -> None:
    (problem,) = check(asked_for(stand), None, routed(0))

    assert "starts at dark" in problem.rule


def test_a_state_that_was_lost_starts_from_what_carries() -> None:
    pair = {"stable": a_version("v3"), "canary": a_version("v4")}
    (problem,) = check(at("dark", **pair), None, routed(0))

    assert problem.key == "releases.reviews.stable"
    assert "v1 100 %" in problem.rule


@pytest.mark.parametrize("live", CHANGES)
@pytest.mark.parametrize(
    ("before", "asked"), [("dark", 10), (10, 25), (50, "promoted"), (50, "dark")]
)
def test_a_route_that_somebody_changed_stops_every_move(
    before: Stand, asked: Stand, live: LiveRoute
) -> None:
    """Edited, removed, or another one behind the gateway; only a rollback goes on."""
    (problem,) = check(asked_for(asked), recorded(before), live)

    assert problem.key == "releases.reviews.stage"
    assert "by somebody else" in problem.rule
    assert "--refresh" in problem.hint
    assert "rolled_back" in problem.hint
    assert check(asked_for("rolled_back"), recorded(before), live) == []


def test_an_edit_by_hand_is_told_beside_what_we_wrote() -> None:
    (problem,) = check(asked_for(10), recorded("dark"), EDITED)

    assert problem.rule.endswith("v1 30 %, v2 70 % (we wrote: v1 100 %)")


@pytest.mark.parametrize("live", CHANGES)
@pytest.mark.parametrize("stand", ["dark", "mirror", 10, "promoted"])
def test_the_stage_that_was_applied_last_may_be_put_back(stand: Stand, live: LiveRoute) -> None:
    """The operator is told how, for Pulumi sees no difference without a refresh."""
    assert check(asked_for(stand), recorded(stand), live) == []
    (warning,) = explained(stand, recorded(stand), live)
    assert "--refresh" in warning


@pytest.mark.parametrize(("before", "asked"), [("dark", 10), (10, 25), (50, "promoted")])
def test_another_route_for_the_same_host_is_refused(before: Stand, asked: Stand) -> None:
    weights = dict(routed(recorded(before).step).weights)
    live = a_live_route(weights=weights, written_weights=weights, other_routes=("by-hand",))
    (problem,) = check(asked_for(asked), recorded(before), live)

    assert problem.key == "releases.reviews.service"
    assert "by-hand" in problem.rule


@pytest.mark.parametrize("asked", [25, 50, "rolled_back", "dark"])
def test_a_step_up_that_was_killed_goes_on_from_the_last_finished_stage(asked: Stand) -> None:
    """It had written the route of 50 already."""
    assert check(asked_for(asked), recorded(25), routed(50)) == []


def test_a_step_up_that_was_killed_is_no_step() -> None:
    assert check(asked_for("promoted"), recorded(25), routed(50))


@pytest.mark.parametrize("asked", [25, 50, "promoted"])
def test_a_step_down_that_was_killed_is_one(asked: Stand) -> None:
    """50 was finished; the route says 0 already, so nothing but the first step goes up from there."""
    assert check(asked_for(asked), recorded(50), routed(0))
    assert check(asked_for(10), recorded(50), routed(0)) == []
    assert check(asked_for(25), recorded(50), routed(10)) == []


@pytest.mark.parametrize("record", [recorded("dark"), None])
def test_a_route_as_recorded_is_not_worth_a_word(record: Record | None) -> None:
    assert explained("dark", record, routed(0)) == ()


def test_a_killed_run_is_told_with_what_becomes_of_it() -> None:
    (goes_on,) = explained(50, recorded(25), routed(50))
    (goes_back,) = explained(10, recorded(25), routed(50))

    assert goes_on.endswith("the route says v1 50 %, v2 50 %; this run ends it")
    assert goes_back.endswith("this run starts from there")


def test_a_cluster_that_did_not_answer_is_told() -> None:
    (warning,) = explained(10, recorded("dark"), None)

    assert "did not answer" in warning


@pytest.mark.parametrize("live", CHANGES)
def test_a_rollback_takes_an_edit_by_hand_back(live: LiveRoute) -> None:
    """Pulumi compares with its own state, so the plan has to differ for the route to be written."""
    back = asked_for("rolled_back")
    plan = plan_release(back, recorded("dark"), live)
    again = plan_release(back, plan.record, routed(0))
    (warning,) = explain_live("reviews", plan, recorded("dark"), live)

    assert plan.record.put_back
    assert again.record == plan.record
    assert warning.endswith("this run puts it back")


def test_what_a_rollback_took_back_is_forgotten_at_the_next_stage() -> None:
    back = plan_release(asked_for("rolled_back"), recorded("dark"), EDITED)

    assert plan_release(asked_for("dark"), back.record, routed(0)).record.put_back == ""


@pytest.mark.parametrize("stand", [s for s in STANDS if s != "rolled_back"])
def test_only_a_rollback_takes_an_edit_by_hand_back(stand: Stand) -> None:
    assert plan_release(asked_for(stand), recorded(stand), EDITED).record.put_back == ""


def test_a_version_that_nobody_knows_of_is_told_with_the_way_to_remove_it() -> None:
    """Pulumi forgets what it was creating when it was killed."""
    live = replace(routed(0), running=("v1", "v2", "v7"))
    (warning,) = explained("dark", recorded("dark"), live)

    assert "version v7 runs" in warning
    assert "kubectl -n bookinfo delete deployment -l app=reviews,version=v7" in warning


def explained(stand: Stand, record: Record | None, live: LiveRoute | None) -> tuple[str, ...]:
    """What the operator of an accepted run is told."""
    plan = plan_release(asked_for(stand), record, live)
    return explain_live("reviews", plan, record, live)


@pytest.mark.parametrize("stand", [s for s in STANDS if s != "rolled_back"])
def test_a_release_of_two_versions_that_run_is_not_taken_out_of_the_file(stand: Stand) -> None:
    """Without its route the Service sends requests to both."""
    (problem,) = check_removal("reviews", recorded(stand), V1_STANDS)

    assert problem.key == "releases.reviews"
    assert "v1 and v2 run" in problem.rule
    assert "rolled_back" in problem.hint
    assert "retire_stable" in problem.hint


def test_a_release_may_go_when_the_app_runs_what_carries_everything() -> None:
    v2_stands = {("bookinfo", "reviews"): ("v2", an_image("v2"))}
    retired = a_record("promoted", retire_stable=True)

    assert check_removal("reviews", recorded("rolled_back"), V1_STANDS) == []
    assert check_removal("reviews", retired, v2_stands) == []


@pytest.mark.parametrize("standing", [{}, {("bookinfo", "reviews"): ("v1", an_image("v9"))}])
def test_a_release_stays_while_the_app_runs_something_else(
    standing: dict[tuple[str, str], tuple[str, str]],
) -> None:
    (problem,) = check_removal("reviews", recorded("rolled_back"), standing)

    assert "carries every request of bookinfo/reviews" in problem.rule
