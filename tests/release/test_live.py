"""The live route against the record: lost states, edits by hand, runs that were killed, entries that go."""

from dataclasses import replace

import pytest

from mesh_canary.release import (
    Deployed,
    LiveRoute,
    Record,
    TrafficSplit,
    check_removal,
    check_transition,
    check_unfinished,
    explain_live,
    plan_release,
)
from mesh_canary.release.live import PUT_BACK
from mesh_canary.release.traffic import split_between
from mesh_canary.settings import Problem, ReleaseSettings
from tests.builders import a_deployed, a_live_route, a_record, a_version, an_image, at

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
CHANGES = [EDITED, LiveRoute({}), a_live_route(rules_edited=True)]


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


UNREADY = [
    ((a_deployed("v1"), a_deployed("v2", ready=1, wanted=2)), "v2 has 1 of 2 pods ready"),
    ((a_deployed("v1"), a_deployed("v2", ready=0, wanted=0)), "v2 has 0 of 1 pods ready"),
    ((a_deployed("v1"),), "v2 has no Deployment"),
]


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


@pytest.mark.parametrize("live", CHANGES)
def test_a_rollback_takes_an_edit_by_hand_back(live: LiveRoute) -> None:
    """Pulumi compares with its own state, so the plan has to differ for the route to be written."""
    back = asked_for("rolled_back")
    plan = plan_release(back, recorded("dark"), live)
    again = plan_release(back, plan.record, routed(0))
    (warning,) = explain_live("reviews", plan, recorded("dark"), live)

    assert plan.record.put_back
    assert again.record == plan.record
    assert warning.endswith("this run puts it back" if live.exists else PUT_BACK)


@pytest.mark.parametrize(("running", "missing"), UNREADY)
def test_a_rollback_waits_for_a_stable_version_without_any_pod(
    running: tuple[Deployed, ...], missing: str
) -> None:
    """Pulumi waits for what it writes, and it would write nothing. With some pods there it does not wait for all."""
    live = replace(routed(10), deployed=running)
    release = at("rolled_back", stable=a_version("v2"), canary=a_version("v3"))
    record = a_record(10, stable=a_version("v2"), canary=a_version("v3"))
    some = any(deployed.version == "v2" and deployed.ready for deployed in running)

    assert plan_release(release, record, live).record.revived == ("" if some else missing)
    assert plan_release(release, record, live).record.put_back == ""


def test_a_rollback_names_everything_that_it_puts_back() -> None:
    live = replace(EDITED, deployed=(a_deployed("v1", ready=0),))
    record = plan_release(asked_for("rolled_back"), recorded("dark"), live).record

    assert record.put_back.startswith("the live route was changed by somebody else: ")
    assert record.revived == "v1 has 0 of 1 pods ready"


def test_a_rollback_over_what_is_whole_puts_nothing_back() -> None:
    live = replace(routed(10), deployed=(a_deployed("v1"), a_deployed("v2", ready=0)))

    assert plan_release(asked_for("rolled_back"), recorded(10), live).record.revived == ""


def test_what_a_rollback_puts_back_twice_is_said_otherwise() -> None:
    """Or Pulumi would see no difference the second time, and write nothing."""
    back, live = asked_for("rolled_back"), replace(routed(0), deployed=(a_deployed("v1", ready=0),))
    once = plan_release(back, recorded(10), live).record
    twice = plan_release(back, once, live).record
    thrice = plan_release(back, twice, live).record

    assert len({once.revived, twice.revived}) == 2
    assert twice.revived != thrice.revived


def test_what_a_rollback_took_back_is_forgotten_at_the_next_stage() -> None:
    back = plan_release(asked_for("rolled_back"), recorded("dark"), EDITED)

    assert plan_release(asked_for("dark"), back.record, routed(0)).record.put_back == ""


@pytest.mark.parametrize("stand", [s for s in STANDS if s != "rolled_back"])
def test_only_a_rollback_takes_an_edit_by_hand_back(stand: Stand) -> None:
    assert plan_release(asked_for(stand), recorded(stand), EDITED).record.put_back == ""


def test_a_version_that_nobody_knows_of_is_told_with_the_way_to_remove_it() -> None:
    """Pulumi forgets what it was creating when it was killed."""
    running = tuple(a_deployed(version) for version in ("v1", "v2", "v7"))
    live = replace(routed(0), deployed=running)
    (warning,) = explained("dark", recorded("dark"), live)

    assert "version v7 runs" in warning
    assert "kubectl -n bookinfo delete deployment -l app=reviews,version=v7" in warning


def explained(stand: Stand, record: Record | None, live: LiveRoute | None) -> tuple[str, ...]:
    """What the operator of an accepted run is told."""
    plan = plan_release(asked_for(stand), record, live)
    return explain_live("reviews", plan, record, live)


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
