"""Which stage may follow which: every pair, as a table. Refusals name what may follow."""

from typing import Any

import pytest
import yaml

from mesh_canary.release import (
    LiveRoute,
    Record,
    check_removal,
    check_transition,
    next_moves,
)
from mesh_canary.settings import Problem, ReleaseSettings
from tests.builders import a_live_route, a_record, a_split, a_version, an_image, at

Stand = int | str | None
STEPS = [10, 25, 50]
STANDS: tuple[Stand, ...] = (None, "dark", "mirror", 10, 25, 50, "promoted", "rolled_back")
LEGAL: dict[Stand, set[Stand]] = {
    None: {"dark", "rolled_back"},
    "dark": {"dark", "mirror", 10, "rolled_back"},
    "mirror": {"dark", "mirror", 10, "rolled_back"},
    10: {"dark", "mirror", 10, 25, "rolled_back"},
    25: {"dark", "mirror", 10, 25, 50, "rolled_back"},
    50: {"dark", "mirror", 10, 25, 50, "promoted", "rolled_back"},
    "promoted": {"promoted", "rolled_back"},
    "rolled_back": {"rolled_back", "dark"},
}
PAIRS = [(before, asked) for before in STANDS for asked in STANDS[1:]]
V1_STANDS = {("bookinfo", "reviews"): ("v1", an_image("v1"))}
IN_THE_MIDDLE = ("mirror", 10, 25, 50)


def asked_for(stand: Stand, **changes: Any) -> ReleaseSettings:
    """The release at a place of the ladder 10, 25, 50."""
    assert stand is not None
    return at(stand, **{"steps": STEPS, **changes})


def recorded(stand: Stand) -> Record | None:
    """What the state says once the release stood there; nothing of a new one."""
    return None if stand is None else a_record(stand, steps=STEPS)


def check(
    release: ReleaseSettings,
    record: Record | None,
    live: LiveRoute | None = None,
    standing: dict[tuple[str, str], tuple[str, str]] | None = None,
) -> list[Problem]:
    """What speaks against it, of the release called reviews."""
    return check_transition("reviews", release, record, live, standing or {})


@pytest.mark.parametrize(("before", "asked"), [p for p in PAIRS if p[1] in LEGAL[p[0]]])
def test_a_legal_move_is_accepted(before: Stand, asked: Stand) -> None:
    assert check(asked_for(asked), recorded(before)) == []


@pytest.mark.parametrize(("before", "asked"), [p for p in PAIRS if p[1] not in LEGAL[p[0]]])
def test_an_illegal_move_is_refused_with_the_legal_ones_named(before: Stand, asked: Stand) -> None:
    (problem,) = check(asked_for(asked), recorded(before))

    assert problem.key in ("releases.reviews.stage", "releases.reviews.canary_weight")
    if before is None:
        assert problem.hint == "set stage: dark"
    else:
        assert all(move in problem.hint for move in next_moves(asked_for(asked), recorded(before)))


def test_the_table_has_every_pair() -> None:
    assert len(PAIRS) == 8 * 7
    assert sum(len(legal) for legal in LEGAL.values()) == 32


@pytest.mark.parametrize("before", STANDS)
def test_the_moves_that_are_named_are_the_legal_ones(before: Stand) -> None:
    """As they are typed: each can be put into the stack file, and no legal one is left out."""
    release = asked_for(before or "dark")
    typed = [
        yaml.safe_load(f"{{{move}}}")
        for move in next_moves(release, recorded(before))
        if _is_typed(move)
    ]
    named = {move.get("canary_weight", move["stage"]) for move in typed}

    assert named == LEGAL[before] - ({before} - {"promoted"})
    assert all(check(asked_for(move), recorded(before)) == [] for move in named)


def _is_typed(move: str) -> bool:
    return move.startswith("stage: ")


@pytest.mark.parametrize("before", ["promoted", "rolled_back"])
def test_when_a_release_ended_the_next_one_is_named(before: Stand) -> None:
    moves = next_moves(asked_for(before), recorded(before))

    assert any("next release: stable v2" in move or "another canary" in move for move in moves)


def test_the_move_forward_is_named_first() -> None:
    assert next_moves(asked_for(10), recorded(10))[0] == "stage: weighted, canary_weight: 25"


@pytest.mark.parametrize("before", STANDS[1:])
def test_a_rollback_is_never_refused_whatever_the_cluster_says(before: Stand) -> None:
    lives = [
        None,
        LiveRoute({}),
        a_live_route(weights={"v1": 30, "v2": 70}),
        a_live_route(other_routes=("somebody-elses",)),
    ]

    assert [check(asked_for("rolled_back"), recorded(before), live) for live in lives] == [[]] * 4


@pytest.mark.parametrize("before", IN_THE_MIDDLE)
@pytest.mark.parametrize(
    "changes",
    [
        {"canary": a_version("v3")},
        {"stable": a_version("v0")},
        {"canary": {**a_version("v2"), "image": "docker.io/team/reviews:2.1"}},
        {"stable": {**a_version("v1"), "image": "docker.io/team/reviews:1.1"}},
    ],
)
@pytest.mark.parametrize("asked", ["dark", "same", "rolled_back", "promoted"])
def test_versions_and_images_stay_in_the_middle_of_a_release(
    before: Stand, changes: dict[str, Any], asked: str
) -> None:
    stand = before if asked == "same" else asked
    (problem,) = check(asked_for(stand, **changes), recorded(before))

    assert problem.key == "releases.reviews"
    assert "stay until the release under way ends: v1" in problem.rule
    assert problem.hint.startswith("put them back; then stage: ")


@pytest.mark.parametrize("before", IN_THE_MIDDLE)
def test_other_keys_may_change_in_the_middle_of_a_release(before: Stand) -> None:
    changes = {"testers": {"end-user": "jason"}, "timeout_seconds": 2.0}

    assert check(asked_for(before, **changes), recorded(before)) == []


@pytest.mark.parametrize("before", ["dark", "rolled_back"])
@pytest.mark.parametrize("asked", ["dark", "rolled_back"])
def test_a_canary_that_got_no_request_may_be_replaced(before: Stand, asked: Stand) -> None:
    for canary in (a_version("v3"), {**a_version("v2"), "image": "docker.io/team/reviews:2.1"}):
        assert check(asked_for(asked, canary=canary), recorded(before)) == []


@pytest.mark.parametrize("before", ["dark", "promoted", "rolled_back"])
@pytest.mark.parametrize("asked", ["mirror", 10, 50, "promoted"])
def test_a_new_canary_starts_at_dark(before: Stand, asked: Stand) -> None:
    carrying = "v2" if before == "promoted" else "v1"
    pair = {"stable": a_version(carrying), "canary": a_version("v3")}
    (problem,) = check(asked_for(asked, **pair), recorded(before))

    assert problem.key == "releases.reviews.stage"
    assert problem.hint == "set stage: dark"


def test_the_next_release_begins_from_the_version_that_was_promoted() -> None:
    pair = {"stable": a_version("v2"), "canary": a_version("v3")}

    assert check(asked_for("dark", **pair), recorded("promoted")) == []


def test_the_next_release_may_lead_back_to_the_former_version() -> None:
    pair = {"stable": a_version("v2"), "canary": a_version("v1")}

    assert check(asked_for("dark", **pair), recorded("promoted")) == []


@pytest.mark.parametrize(
    ("before", "stable"), [("promoted", "v1"), ("dark", "v2"), ("rolled_back", "v2")]
)
def test_the_next_release_begins_from_nothing_but_what_carries(before: Stand, stable: str) -> None:
    pair = {"stable": a_version(stable), "canary": a_version("v3")}
    (problem,) = check(asked_for("dark", **pair), recorded(before))

    assert problem.key == "releases.reviews.stable"
    assert "carries the live requests" in problem.rule


def test_a_first_release_starts_from_what_the_app_runs() -> None:
    other = {("bookinfo", "reviews"): ("v0", an_image("v0"))}
    (problem,) = check(asked_for("dark"), None, standing=other)

    assert check(asked_for("dark"), None, standing=V1_STANDS) == []
    assert "the app runs v0" in problem.rule


@pytest.mark.parametrize("stand", ["dark", "mirror", 25, "promoted"])
def test_a_state_that_was_lost_goes_on_where_the_live_route_stands(stand: Stand) -> None:
    release = asked_for(stand)
    live = a_live_route(a_split(weights=dict_of(release)))

    assert check(release, None, live) == []


def dict_of(release: ReleaseSettings) -> tuple[tuple[str, int], ...]:
    """The weights of a release as a split has them."""
    both = (("v1", 100 - release.step), ("v2", release.step))
    return tuple((version, weight) for version, weight in both if weight)


@pytest.mark.parametrize("stand", [10, 25, "promoted"])
def test_a_state_that_was_lost_goes_nowhere_else(stand: Stand) -> None:
    (problem,) = check(asked_for(stand), None, a_live_route())

    assert "starts at dark" in problem.rule


@pytest.mark.parametrize(
    ("before", "asked"), [("dark", 10), (10, 25), (50, "promoted"), (50, "dark")]
)
def test_a_route_that_was_edited_by_hand_stops_every_move_but_a_rollback(
    before: Stand, asked: Stand
) -> None:
    live = a_live_route(weights={"v1": 30, "v2": 70})
    (problem,) = check(asked_for(asked), recorded(before), live)

    assert problem.key == "releases.reviews.stage"
    assert "v1 30 %, v2 70 % (we wrote: v1 100 %)" in problem.rule
    assert "--refresh" in problem.hint
    assert "rolled_back" in problem.hint


@pytest.mark.parametrize("stand", ["dark", "mirror", 10, "promoted"])
def test_the_stage_that_was_applied_last_may_be_put_back_over_a_hand_edit(stand: Stand) -> None:
    live = a_live_route(weights={"v1": 30, "v2": 70})

    assert check(asked_for(stand), recorded(stand), live) == []


@pytest.mark.parametrize(("before", "asked"), [(None, "dark"), ("dark", 10), (50, "promoted")])
def test_another_route_for_the_same_host_is_refused(before: Stand, asked: Stand) -> None:
    live = a_live_route(other_routes=("reviews-by-hand",))
    (problem,) = check(asked_for(asked), recorded(before), live)

    assert problem.key == "releases.reviews.service"
    assert "reviews-by-hand" in problem.rule


@pytest.mark.parametrize("asked", [25, 50, "rolled_back", "dark"])
def test_a_run_that_was_killed_goes_on_from_the_last_finished_stage(asked: Stand) -> None:
    """It had written the route of 50 already, with our note on it."""
    live = a_live_route(a_split(weights=(("v1", 50), ("v2", 50))))

    assert check(asked_for(asked), recorded(25), live) == []


def test_a_run_that_was_killed_is_no_step() -> None:
    live = a_live_route(a_split(weights=(("v1", 50), ("v2", 50))))

    assert check(asked_for("promoted"), recorded(25), live)


@pytest.mark.parametrize("stand", [10, 25, 50, "promoted"])
def test_a_release_that_carries_traffic_is_not_taken_out_of_the_file(stand: Stand) -> None:
    record = recorded(stand)
    assert record
    (problem,) = check_removal("reviews", record, V1_STANDS)

    assert problem.key == "releases.reviews"
    assert problem.hint.startswith("put the entry back")


def test_a_release_may_go_when_the_app_runs_what_carries_everything() -> None:
    record = recorded("rolled_back")
    assert record

    assert check_removal("reviews", record, V1_STANDS) == []
    assert check_removal("reviews", record, {})
