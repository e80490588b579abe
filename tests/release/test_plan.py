import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesh_canary.release import Action, LiveRoute, ReleasePlan, plan_release
from mesh_canary.settings import ReleaseSettings
from tests.builders import a_live_route, a_record, a_release, a_split, a_version, at

STAGES: tuple[int | str, ...] = ("dark", "mirror", 10, 50, "promoted", "rolled_back")
JASON = {"end-user": "jason"}


def versions_of(plan: ReleasePlan) -> set[str]:
    """The versions that run when the plan is applied."""
    return {workload.version for workload in plan.workloads}


def order_of(plan: ReleasePlan) -> list[str]:
    """The steps as a person reads them."""
    return [str(step) for step in plan.order]


@pytest.mark.parametrize(
    ("stage", "running", "weights"),
    [
        ("dark", {"v1", "v2"}, {"v1": 100}),
        ("mirror", {"v1", "v2"}, {"v1": 100}),
        (10, {"v1", "v2"}, {"v1": 90, "v2": 10}),
        (50, {"v1", "v2"}, {"v1": 50, "v2": 50}),
        ("promoted", {"v1", "v2"}, {"v2": 100}),
        ("rolled_back", {"v1"}, {"v1": 100}),
    ],
)
def test_each_stage_says_what_runs_and_who_answers(
    stage: int | str, running: set[str], weights: dict[str, int]
) -> None:
    plan = plan_release(at(stage), a_record("dark"))

    assert running == versions_of(plan)
    assert weights == dict(plan.split.weights)


@pytest.mark.parametrize("stage", STAGES)
def test_only_a_mirrored_release_copies_requests(stage: int | str) -> None:
    mirror = plan_release(at(stage, mirror_percent=25)).split.mirror

    if stage == "mirror":
        assert mirror is not None
        assert (mirror.version, mirror.percent) == ("v2", 25)
        assert mirror.methods == ("GET", "HEAD", "OPTIONS")
    else:
        assert mirror is None


@pytest.mark.parametrize("stage", STAGES)
def test_testers_see_the_canary_until_the_release_ends(stage: int | str) -> None:
    split = plan_release(at(stage, testers=JASON)).split
    unfinished = stage not in ("promoted", "rolled_back")

    assert split.tester_version == ("v2" if unfinished else None)
    assert bool(split.testers) == unfinished


@given(st.integers(min_value=1, max_value=99))
def test_any_weight_of_the_stack_file_is_the_weight_of_the_split(weight: int) -> None:
    split = plan_release(at(weight, steps=[weight])).split

    assert dict(split.weights) == {"v1": 100 - weight, "v2": weight}


def test_the_version_that_was_promoted_away_from_is_kept_until_it_is_retired() -> None:
    kept = plan_release(at("promoted"), a_record(50))
    retired = plan_release(at("promoted", retire_stable=True), a_record("promoted"))

    assert versions_of(kept) == {"v1", "v2"}
    assert versions_of(retired) == {"v2"}
    assert order_of(retired)[-2:] == ["wait for proxies", "remove workload v1"]


def test_the_first_route_is_written_before_the_canary_runs() -> None:
    """Without a route, a Service spreads requests over everything it selects."""
    assert order_of(plan_release(a_release())) == [
        "apply workload v1",
        "apply subsets",
        "wait for proxies",
        "apply route",
        "wait for proxies",
        "apply workload v2",
    ]


@pytest.mark.parametrize("stage", STAGES)
def test_later_pods_are_ready_before_a_route_may_name_them(stage: int | str) -> None:
    order = [step.action for step in plan_release(at(stage), a_record("dark")).order]
    before_routing = order[: order.index(Action.APPLY_SUBSETS)]

    assert set(before_routing) == {Action.APPLY_WORKLOAD}
    assert Action.APPLY_WORKLOAD not in order[len(before_routing) :]


@pytest.mark.parametrize("stage", STAGES)
def test_proxies_hear_of_subsets_before_the_route_and_of_the_route_before_a_removal(
    stage: int | str,
) -> None:
    actions = [step.action for step in plan_release(at(stage), a_record("dark")).order]
    subsets, route = actions.index(Action.APPLY_SUBSETS), actions.index(Action.APPLY_ROUTE)

    assert actions[subsets : route + 1] == [
        Action.APPLY_SUBSETS,
        Action.WAIT_FOR_PROXIES,
        Action.APPLY_ROUTE,
    ]
    if Action.REMOVE_WORKLOAD in actions:
        assert actions[route + 1 : route + 3] == [Action.WAIT_FOR_PROXIES, Action.REMOVE_WORKLOAD]


def test_a_rollback_removes_the_canary_last() -> None:
    assert order_of(plan_release(at("rolled_back"), a_record(50))) == [
        "apply workload v1",
        "apply subsets",
        "wait for proxies",
        "apply route",
        "wait for proxies",
        "remove workload v2",
    ]


def test_the_next_release_drops_the_subset_that_no_route_names_any_more() -> None:
    promoted = a_record("promoted", after=a_record(50))
    pair = {"stable": a_version("v2"), "canary": a_version("v3")}

    assert promoted.subsets == ("v1", "v2")
    assert plan_release(at("dark", **pair), promoted).subsets == ("v2", "v3")


def test_a_canary_that_is_replaced_at_dark_keeps_its_subset_for_one_up() -> None:
    dark = a_record("dark", testers=JASON)
    another = {"canary": a_version("v3"), "testers": JASON}
    replaced = plan_release(at("dark", **another), dark)
    later = plan_release(at(10, **another), replaced.record)

    assert replaced.subsets == ("v1", "v2", "v3")
    assert later.subsets == ("v1", "v3")


def test_a_rollback_that_names_a_look_alike_keeps_the_subset_that_is_there() -> None:
    """1.0 and 1-0 have one name in a DestinationRule, which takes each name once."""
    record = a_record(10, canary=a_version("1.0"))
    back = at("rolled_back", canary=a_version("1-0"))

    assert plan_release(back, record).subsets == ("1.0", "v1")


def test_whatever_the_route_in_force_names_keeps_its_subset() -> None:
    """Also when it is not in the record: a run was killed after it had written the route."""
    live = a_live_route(a_split(), named=("v1", "v7"))

    assert "v7" in plan_release(a_release(), a_record(), live).subsets
    assert "remove workload v7" in order_of(plan_release(a_release(), a_record(), live))


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("live", [None, LiveRoute({}), a_live_route()])
def test_the_same_settings_give_the_same_plan(stage: int | str, live: LiveRoute | None) -> None:
    assert plan_release(at(stage), a_record(), live) == plan_release(at(stage), a_record(), live)


@pytest.mark.parametrize("stage", STAGES)
def test_a_plan_made_again_after_it_was_applied_asks_for_nothing_new(stage: int | str) -> None:
    plan = plan_release(at(stage, testers=JASON), a_record("dark"))
    again = plan_release(at(stage, testers=JASON), plan.record, a_live_route(plan.split))

    assert again.workloads == plan.workloads
    assert again.subsets == plan.subsets
    assert again.split == plan.split
    assert again.record == plan.record


@given(st.sampled_from(STAGES), st.dictionaries(st.sampled_from(["a", "b"]), st.just("x")))
def test_rolling_back_twice_equals_once(stage: int | str, testers: dict[str, str]) -> None:
    back = at("rolled_back", testers=testers)
    once = plan_release(back, a_record(stage, testers=testers))
    twice = plan_release(back, once.record, a_live_route(once.split))

    assert (twice.workloads, twice.split, twice.record) == (once.workloads, once.split, once.record)
    assert twice.subsets == once.subsets


def test_a_version_brings_its_image_replicas_and_environment() -> None:
    canary = a_version("v2", replicas=3, env={"B": "2", "A": "1"})
    workload = plan_release(a_release(canary=canary)).workloads[1]

    assert workload.image == canary["image"]
    assert workload.replicas == 3
    assert workload.env == {"A": "1", "B": "2"}


@pytest.mark.parametrize(
    ("release", "notice"),
    [
        (at("dark"), "Users notice nothing: v1 answers every request; v2 runs and waits."),
        (
            at("dark", testers=JASON),
            "Users notice nothing: v1 answers every request; v2 runs and waits. Testers see v2.",
        ),
        (
            at("mirror", mirror_percent=20),
            "Users notice nothing: v1 answers every request;"
            " v2 gets copies of 20 % of GET, HEAD, OPTIONS, its answers are discarded.",
        ),
        (at(10), "One request in 10 is answered by v2: v1 90 %, v2 10 %."),
        (at("promoted"), "v2 answers every request; v1 is kept, idle."),
        (at("promoted", retire_stable=True), "v2 answers every request; v1 is removed."),
        (at("rolled_back", testers=JASON), "v1 answers every request; v2 is removed."),
    ],
)
def test_one_sentence_says_what_users_will_notice(release: ReleaseSettings, notice: str) -> None:
    assert plan_release(release).notice == notice


def test_the_notice_of_mirrored_writes_says_that_they_are_written_twice() -> None:
    safe = plan_release(at("mirror")).notice
    writes = plan_release(at("mirror", mirror_methods=["GET", "POST"], mirror_writes=True)).notice

    assert "twice" not in safe
    assert writes.endswith("What POST write is written twice, once by either version.")
