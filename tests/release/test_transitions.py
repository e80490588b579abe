"""Which stage may follow which: every pair, as a table. Refusals name what may follow."""

from dataclasses import replace
from typing import Any

import pytest
import yaml

from mesh_canary.release import (
    LiveRoute,
    Record,
    check_transition,
    next_moves,
    plan_release,
)
from mesh_canary.settings import Problem, ReleaseSettings
from tests.builders import a_deployed, a_live_route, a_record, a_version, an_image, at

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
        a_live_route(rules_edited=True),
        a_live_route(other_routes=("somebody-elses",)),
    ]

    assert [check(asked_for("rolled_back"), recorded(before), live) for live in lives] == [[]] * 5


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
@pytest.mark.parametrize("asked", ["dark", "same", "promoted"])
def test_versions_and_images_stay_in_the_middle_of_a_release(
    before: Stand, changes: dict[str, Any], asked: str
) -> None:
    stand = before if asked == "same" else asked
    (problem,) = check(asked_for(stand, **changes), recorded(before))

    assert problem.key == "releases.reviews"
    assert "stay until the release under way ends: v1" in problem.rule
    assert problem.hint.startswith("put them back; then stage: ")


OTHER_CANARIES = [
    a_version("v3"),
    {**a_version("v2"), "image": "docker.io/team/reviews:2.1"},
]
OTHER_STABLES = [
    a_version("v0"),
    {**a_version("v1"), "image": "docker.io/team/reviews:1.1"},
]


@pytest.mark.parametrize("before", STANDS[1:])
@pytest.mark.parametrize("canary", OTHER_CANARIES)
@pytest.mark.parametrize("live", [None, LiveRoute({}), a_live_route(rules_edited=True)])
def test_a_rollback_may_name_whatever_canary(
    before: Stand, canary: dict[str, Any], live: LiveRoute | None
) -> None:
    """Somebody edited the canary and noticed only then that users have to go back."""
    assert check(asked_for("rolled_back", canary=canary), recorded(before), live) == []


@pytest.mark.parametrize("before", IN_THE_MIDDLE)
@pytest.mark.parametrize("stable", OTHER_STABLES)
def test_a_rollback_leads_to_the_recorded_stable_version_alone(
    before: Stand, stable: dict[str, Any]
) -> None:
    (problem,) = check(asked_for("rolled_back", stable=stable), recorded(before))

    assert problem.key == "releases.reviews"
    assert "stay until the release under way ends: v1" in problem.rule


@pytest.mark.parametrize("change", [{"service": "ratings"}, {"namespace": "shop"}])
def test_a_rollback_is_of_the_recorded_service(change: dict[str, str]) -> None:
    back = asked_for("rolled_back")
    record = recorded(25)

    assert record is not None
    assert record.may_return_to(back)
    assert not record.may_return_to(asked_for("rolled_back", **change))


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


@pytest.mark.parametrize("before", ["dark", "promoted"])
def test_a_version_that_looks_like_a_former_one_in_names_is_refused(before: Stand) -> None:
    """Of 2-0 and 2.0 the Deployment would be one, with labels that cannot change."""
    first = {"stable": a_version("1.0"), "canary": a_version("2.0")}
    stable = "2.0" if before == "promoted" else "1.0"
    canary = "1-0" if before == "promoted" else "2-0"
    record = plan_release(asked_for(before, **first)).record
    second = asked_for("dark", stable=a_version(stable), canary=a_version(canary))
    (problem,) = check(second, record)

    assert problem.key == "releases.reviews.canary.version"
    assert "'.' becomes '-'" in problem.rule


def test_mirroring_is_offered_with_the_key_that_it_needs() -> None:
    without, with_it = asked_for("dark", mirror_percent=None), asked_for("dark", mirror_percent=20)

    assert "stage: mirror, mirror_percent: 100" in next_moves(without, recorded("dark"))
    assert "stage: mirror" in next_moves(with_it, recorded("dark"))


def test_retiring_is_offered_while_there_is_something_to_retire() -> None:
    retired = a_record("promoted", retire_stable=True)
    offer = "stage: promoted, retire_stable: true"

    assert offer in next_moves(asked_for("promoted"), recorded("promoted"))
    assert offer not in next_moves(asked_for("promoted"), retired)


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
    assert problem.key == "releases.reviews.stable"
    assert f"what runs is v0 ({an_image('v0')})" in problem.rule


@pytest.mark.parametrize("stage", ["dark", "rolled_back"])
def test_a_first_release_starts_from_what_the_cluster_runs(stage: str) -> None:
    """The app is installed by another stack: what it runs is seen in the cluster alone."""
    v0, v1 = a_deployed("v0"), a_deployed("v1")
    other_image = replace(v1, image="docker.io/team/reviews:1.1")

    for running in ((v1,), (v0, v1)):
        assert check(asked_for(stage), None, LiveRoute({}, deployed=running)) == []
    for running in ((v0,), (other_image,)):
        (problem,) = check(asked_for(stage), None, LiveRoute({}, deployed=running))
        assert problem.key == "releases.reviews.stable"
        assert f"{running[0].version} ({running[0].image})" in problem.rule
        assert "a release starts from what runs" in problem.rule


def test_a_service_that_runs_nowhere_yet_may_start_under_release() -> None:
    assert check(asked_for("dark"), None, LiveRoute({})) == []


def test_what_the_app_of_this_stack_says_counts_more_than_what_the_cluster_runs() -> None:
    """A killed run may have left pods of another version."""
    live = LiveRoute({}, deployed=(a_deployed("v0"),))

    assert check(asked_for("dark"), None, live, V1_STANDS) == []
