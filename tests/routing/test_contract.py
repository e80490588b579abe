"""The same questions, asked of every router: what a stage says is what the cluster is told, and reads back."""

from dataclasses import replace

import pytest

from mesh_canary.release import Mirror, TrafficSplit, plan_release
from mesh_canary.routing import ROUTERS, Router, check_capabilities
from tests.builders import a_release
from tests.routing.written import MESHES, asked, read_back, written

STAGES: tuple[int | str, ...] = ("dark", 10, 50, "promoted", "rolled_back")
"""Those that every router can do."""

pytestmark = pytest.mark.parametrize("router", ROUTERS.values(), ids=list(ROUTERS))


def test_a_stack_can_choose_the_router(router: Router) -> None:
    assert router.name in MESHES


@pytest.mark.parametrize("weight", [*range(10, 100, 10)])
def test_weights_arrive_unchanged(router: Router, weight: int) -> None:
    live = read_back(router, written(router, asked(router, weight, steps=[weight])))

    assert live.weights == {"v1": 100 - weight, "v2": weight}


@pytest.mark.parametrize("stage", STAGES)
def test_what_was_written_is_read_back(router: Router, stage: int | str) -> None:
    made = written(router, asked(router, stage))
    live = read_back(router, made)

    assert live.weights == live.written_weights == dict(made.plan.split.weights)
    assert set(live.named) == made.plan.split.named
    assert not live.edited_by_hand
    assert not live.explain_others()[0]
    assert {d.version for d in live.deployed} == {w.version for w in made.plan.workloads}


def test_an_edit_by_hand_is_noticed(router: Router) -> None:
    """Whatever carries the weights says another one, below the note of what we wrote."""
    ours, other = written(router, asked(router, 10)), written(router, asked(router, 50))
    edited = replace(
        other,
        routes=tuple(
            {**theirs, "metadata": mine["metadata"]}
            for theirs, mine in zip(other.routes, ours.routes, strict=True)
        ),
        workloads=tuple(
            {**theirs, "metadata": mine["metadata"]}
            for theirs, mine in zip(other.workloads, ours.workloads, strict=False)
        ),
    )
    live = read_back(router, edited)

    assert live.edited_by_hand
    assert live.explain_change(ours.plan.record)


def test_where_nothing_carries_nothing_is_read(router: Router) -> None:
    made = replace(written(router, asked(router, "dark")), routes=(), workloads=())
    live = read_back(router, made)

    assert not live.exists
    assert live.explain_change(made.plan.record)


def test_another_service_says_nothing(router: Router) -> None:
    made = written(router, asked(router, "dark"))

    assert not read_back(router, replace(made, routes=()), "ratings").exists


@pytest.mark.parametrize("stage", STAGES)
def test_equal_stages_give_equal_manifests(router: Router, stage: int | str) -> None:
    assert written(router, asked(router, stage)) == written(router, asked(router, stage))


@pytest.mark.parametrize("stage", STAGES)
def test_names_are_the_same_at_every_stage(router: Router, stage: int | str) -> None:
    """Another name would be another object: the old one deleted, the new one created."""
    dark, here = written(router, asked(router, "dark")), written(router, asked(router, stage))

    def named(manifests: tuple[dict[str, object], ...]) -> set[tuple[str, str]]:
        return {(str(m["kind"]), str(m["metadata"]["name"])) for m in manifests}  # type: ignore[index]

    assert named((*here.routes, *here.subsets)) == named((*dark.routes, *dark.subsets))


@pytest.mark.parametrize("stage", STAGES)
def test_a_deployment_selects_what_never_changes(router: Router, stage: int | str) -> None:
    """Kubernetes would have to replace it, and its pods with it."""
    made = written(router, asked(router, stage))
    selectors = {
        m["metadata"]["name"]: m["spec"]["selector"]["matchLabels"]
        for m in made.workloads
        if m["kind"] == "Deployment"
    }

    assert all(
        selector == {"app": "reviews", "version": name.removeprefix("reviews-")}
        for name, selector in selectors.items()
    )


def test_what_a_router_cannot_do_is_refused_with_a_way_out_and_never_dropped(
    router: Router,
) -> None:
    split = TrafficSplit(
        (("v1", 90), ("v2", 10)), Mirror("v2", 100, ("GET",)), (("end-user", "jason"),), "v2"
    )
    problems = check_capabilities("reviews", router, split)
    can_nothing = replace(router, capabilities=frozenset(), reasons={})

    keys = {"weights": "canary_weight", "mirror": "stage", "testers": "testers"}
    assert [problem.key.rpartition(".")[2] for problem in problems] == [
        key for capability, key in keys.items() if capability not in router.capabilities
    ]
    assert all(problem.rule and problem.hint for problem in problems)
    assert [problem.key for problem in check_capabilities("reviews", can_nothing, split)] == [
        "releases.reviews.canary_weight",
        "releases.reviews.stage",
        "releases.reviews.testers",
    ]
    assert check_capabilities("reviews", can_nothing, plan_release(a_release()).split) == []
