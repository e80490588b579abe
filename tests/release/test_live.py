"""The live route against the record: lost states, edits by hand, runs that were killed, entries that go."""

from dataclasses import replace

import pytest

from mesh_canary.release import (
    Deployed,
    LiveRoute,
    Record,
)
from mesh_canary.settings import ReleaseSettings
from tests.builders import a_deployed, a_live_route, a_record, a_version, at
from tests.release.live_stands import (
    CHANGES,
    EDITED,
    STEPS,
    UNREADY,
    Stand,
    asked_for,
    check,
    explained,
    recorded,
    routed,
)


@pytest.mark.parametrize("stand", ["dark", 10, 25, "promoted"])
def test_a_state_that_was_lost_goes_on_where_the_live_route_stands(stand: Stand) -> None:
    release = asked_for(stand)

    assert check(release, None, routed(release.step)) == []


@pytest.mark.parametrize("stand", ["mirror", 10, 25, "promoted"])
def test_a_state_that_was_lost_goes_nowhere_else(stand: Stand) -> None:
    (problem,) = check(asked_for(stand), None, routed(0))

    assert "starts at dark" in problem.rule


def test_a_state_that_was_lost_starts_from_what_carries() -> None:
    pair = {"stable": a_version("v3"), "canary": a_version("v4")}
    (problem,) = check(at("dark", **pair), None, routed(0))

    assert problem.key == "releases.reviews.stable"
    assert "v1 100 %" in problem.rule


@pytest.mark.parametrize("percent", [10, 50, 100])
def test_a_state_that_was_lost_may_be_rolled_back(percent: int) -> None:
    """The canary of the release carries requests, so it is this release that ends."""
    assert check(asked_for("rolled_back"), None, routed(percent)) == []


def test_a_rollback_without_a_record_is_of_what_carries() -> None:
    pair = {"stable": a_version("v3"), "canary": a_version("v4")}
    (problem,) = check(at("rolled_back", **pair), None, routed(10))

    assert problem.key == "releases.reviews.stable"
    assert "v1 90 %, v2 10 %" in problem.rule


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


def test_an_edit_of_anything_but_the_weights_is_told_as_one() -> None:
    (problem,) = check(asked_for(10), recorded("dark"), a_live_route(rules_edited=True))

    assert problem.rule.endswith("rules beside the weights (we wrote: v1 100 %)")


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


@pytest.mark.parametrize(("before", "asked"), [("dark", "dark"), (10, 10), (25, "rolled_back")])
def test_another_route_for_the_same_host_is_told_where_nothing_is_built_on_ours(
    before: Stand, asked: Stand
) -> None:
    live = replace(routed(recorded(before).step), other_routes=("by-hand",))
    (warning,) = explained(asked, recorded(before), live)

    assert check(asked_for(asked), recorded(before), live) == []
    assert "another VirtualService routes it already: by-hand" in warning
    assert "hint: remove it" in warning


RETIRED = at("promoted", steps=STEPS, retire_stable=True)


def test_stable_is_not_retired_over_an_edit_by_hand() -> None:
    """It asks for the recorded stage, and takes away what the edited route may send requests to."""
    edited = a_live_route(weights={"v1": 50, "v2": 50}, written_weights={"v2": 100})
    (problem,) = check(RETIRED, recorded("promoted"), edited)

    assert problem.key == "releases.reviews.stage"
    assert "by somebody else" in problem.rule
    assert check(RETIRED, recorded("promoted"), routed(100)) == []


def test_what_was_retired_already_may_be_put_back() -> None:
    edited = a_live_route(weights={"v1": 50, "v2": 50}, written_weights={"v2": 100})

    assert check(RETIRED, a_record("promoted", steps=STEPS, retire_stable=True), edited) == []


def test_stable_is_not_retired_beside_another_route_for_the_same_host() -> None:
    live = replace(routed(100), other_routes=("by-hand",))
    (problem,) = check(RETIRED, recorded("promoted"), live)

    assert problem.key == "releases.reviews.service"


@pytest.mark.parametrize(("running", "missing"), UNREADY)
@pytest.mark.parametrize(
    ("before", "asked"),
    [
        ("dark", asked_for(10)),
        ("mirror", asked_for(10)),
        (10, asked_for(25)),
        (50, asked_for("promoted")),
        ("promoted", RETIRED),
    ],
)
def test_a_canary_gets_more_only_when_all_its_pods_are_ready(
    before: Stand, asked: ReleaseSettings, running: tuple[Deployed, ...], missing: str
) -> None:
    """Pulumi does not wait for a Deployment that does not change."""
    live = replace(routed(recorded(before).step), deployed=running)
    (problem,) = check(asked, recorded(before), live)

    assert problem.key == "releases.reviews.stage"
    assert problem.rule == missing
    assert "kubectl describe pod" in problem.hint
    assert "rolled_back" in problem.hint


@pytest.mark.parametrize(("running", "missing"), UNREADY)
@pytest.mark.parametrize(
    ("before", "asked"),
    [("dark", "dark"), ("dark", "mirror"), (25, 25), (25, 10), (25, "dark"), (25, "rolled_back")],
)
def test_a_canary_that_is_not_ready_may_get_less(
    before: Stand, asked: Stand, running: tuple[Deployed, ...], missing: str
) -> None:
    live = replace(routed(recorded(before).step), deployed=running)

    assert missing
    assert check(asked_for(asked), recorded(before), live) == []


def test_another_canary_is_not_asked_for_its_pods_before_it_runs() -> None:
    live = replace(routed(0), deployed=(a_deployed("v1"),))

    assert check(at("dark", canary=a_version("v3")), recorded("dark"), live) == []


@pytest.mark.parametrize(
    ("version", "missing"),
    [("v1", ""), ("v2", "v2 has 1 of 3 pods ready"), ("v7", "v7 has no Deployment")],
)
def test_missing_pods_are_counted(version: str, missing: str) -> None:
    live = replace(routed(0), deployed=(a_deployed("v1"), a_deployed("v2", ready=1, wanted=3)))

    assert live.unready(version) == missing
    assert routed(0).unready(version) == ""


def test_a_version_that_carries_most_and_lacks_pods_is_told() -> None:
    live = replace(routed(10), deployed=(a_deployed("v1", ready=0), a_deployed("v2")))
    (warning,) = explained("dark", recorded(10), live)

    assert warning.endswith("v1 has 0 of 1 pods ready, and it carries most requests after this run")


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


def test_a_version_that_nobody_knows_of_is_told_with_the_way_to_remove_it() -> None:
    """Pulumi forgets what it was creating when it was killed."""
    running = tuple(a_deployed(version) for version in ("v1", "v2", "v7"))
    live = replace(routed(0), deployed=running)
    (warning,) = explained("dark", recorded("dark"), live)

    assert "version v7 runs" in warning
    assert "kubectl -n bookinfo delete deployment -l app=reviews,version=v7" in warning
