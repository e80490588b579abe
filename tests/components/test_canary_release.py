"""A release as Pulumi's engine is told of it: its steps in the plan's order, and its record at the end."""

import asyncio
from copy import copy
from functools import cache
from itertools import pairwise
from typing import Any

import pytest

from components import proxies
from mesh_canary.release import Action, Record, ReleasePlan, Step, plan_release
from mesh_canary.routing import names
from mesh_canary.settings import read_settings
from tests.builders import a_version, release_config, stack_config
from tests.components.recorder import broken_off, refused, run_program
from tests.components.run import RELEASE, Registered, Run, State

WALK: tuple[dict[str, Any], ...] = (
    {"stage": "dark"},
    {"stage": "mirror", "mirror_percent": 100},
    {"stage": "weighted", "canary_weight": 10},
    {"canary_weight": 50},
    {"stage": "promoted"},
    {"retire_stable": True},
    {
        "stage": "dark",
        "stable": a_version("v2"),
        "canary": a_version("v3"),
        "retire_stable": False,
    },
    {"stage": "weighted", "canary_weight": 10},
    {"stage": "rolled_back"},
)


def config_at(number: int) -> dict[str, Any]:
    """The stack file after the edits of the walk up to `number`."""
    release = release_config()
    for edit in WALK[: number + 1]:
        release = {**release, **edit}
    return stack_config(releases={"reviews": release})


def record_in(state: State) -> Record | None:
    """The record of the one release in a state."""
    found = [
        resource["outputs"].get("record")
        for resource in state.values()
        if resource["type"] == RELEASE
    ]
    return Record.from_outputs(found[0]) if found and found[0] else None


@cache
def walked() -> tuple[tuple[ReleasePlan, Run], ...]:
    """The plan and the run of every edit, each from the state that the one before it left."""
    runs: list[tuple[ReleasePlan, Run]] = []
    before = Run()
    for number in range(len(WALK)):
        config = config_at(number)
        release = read_settings(config).releases["reviews"]
        plan = plan_release(release, record_in(before.state))
        before = run_program(config, before)
        runs.append((plan, before))
    return tuple(runs)


every_edit = pytest.mark.parametrize("number", range(len(WALK)))


def made_by(step: Step, run: Run) -> list[Registered]:
    """The resources that a step of the plan writes; of a workload the component."""
    match step.action:
        case Action.APPLY_WORKLOAD:
            return [run[f"bookinfo-reviews-{step.version}"]]
        case Action.APPLY_SUBSETS:
            return [run["bookinfo-reviews-subsets"]]
        case Action.APPLY_ROUTE:
            return [run["bookinfo-reviews-route"]]
        case _:
            return []


def objects_of(resource: Registered, run: Run) -> set[str]:
    """The URNs of what exists in the cluster when a resource is there."""
    if resource.custom:
        return {resource.urn}
    return {child.urn for child in run.resources if child.parent == resource.urn}


@every_edit
def test_every_step_waits_for_the_one_before_it(number: int) -> None:
    plan, run = walked()[number]
    writes = [made for step in plan.order if (made := made_by(step, run))]

    assert len(writes) >= 3
    for (before,), (after,) in pairwise(writes):
        assert objects_of(before, run) <= after.dependencies


@every_edit
def test_proxies_have_time_to_hear_wherever_the_plan_waits(number: int) -> None:
    plan, run = walked()[number]
    for step, following in pairwise(plan.order):
        waits = following.action is Action.WAIT_FOR_PROXIES
        for resource in made_by(step, run):
            assert bool(resource.hooks) == waits, str(step)
            assert set(resource.hooks) <= set(run.hooks)


@every_edit
def test_nothing_but_what_the_plan_wants_is_there(number: int) -> None:
    """Pulumi removes what is not registered any more, after everything else."""
    plan, run = walked()[number]
    deployments = {r.inputs["metadata"]["name"] for r in run.of_type("Deployment")}
    reviews = {name for name in deployments if name.startswith("reviews-")}

    assert reviews == {f"reviews-{workload.version}" for workload in plan.workloads}


@every_edit
def test_the_record_is_what_was_applied(number: int) -> None:
    plan, run = walked()[number]

    assert record_in(run.state) == plan.record


@every_edit
def test_the_record_is_kept_when_everything_else_is_done(number: int) -> None:
    """A run that is killed before leaves the record of the one before it."""
    _, run = walked()[number]
    objects = {r.urn for r in run.resources if r.custom and "CanaryRelease$" in r.urn}
    (release,) = [r.urn for r in run.resources if r.type == RELEASE]
    kept = len(run.done) - run.done[::-1].index(release)

    assert len(objects) >= 3
    assert objects <= set(run.done[:kept])


@pytest.mark.parametrize("fails", ["v2-deployment", "subsets", "route"])
def test_a_run_that_fails_keeps_no_record(fails: str) -> None:
    run = broken_off(config_at(0), Run(), fails=f"bookinfo-reviews-{fails}")

    assert run.done
    assert record_in(run.state) is None


@every_edit
def test_a_release_has_no_inputs_that_could_make_the_engine_forget_its_record(number: int) -> None:
    _, run = walked()[number]

    assert run["reviews"].inputs == {}


def test_no_edit_renames_anything_that_stays() -> None:
    """A Deployment, its route and its subsets are the same resources from the first stage to the last."""
    for (_, before), (_, after) in pairwise(walked()):
        kept = {
            r.inputs["metadata"]["name"] + r.type: r.urn
            for r in before.resources
            if _is_manifest(r)
        }
        for resource in filter(_is_manifest, after.resources):
            same = kept.get(resource.inputs["metadata"]["name"] + resource.type)
            assert same in (None, resource.urn)


def test_no_edit_changes_what_a_deployment_selects() -> None:
    selectors: dict[str, Any] = {}
    for _, run in walked():
        for deployment in run.of_type("Deployment"):
            selector = deployment.inputs["spec"]["selector"]
            assert selectors.setdefault(deployment.urn, selector) == selector


def test_the_outputs_say_what_may_come_next() -> None:
    _, run = walked()[2]
    said = run.exports["releases"]["reviews"]

    assert said["stage"] == "weighted"
    assert said["weights"] == {"v1": 90, "v2": 10}
    assert said["next"][0] == "stage: weighted, canary_weight: 50"


def test_a_mirrored_release_says_so_in_the_outputs() -> None:
    _, run = walked()[1]

    assert run.exports["releases"]["reviews"]["mirror"] == {"v2": 100}


def test_waiting_for_proxies_takes_as_long_as_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    asyncio.run(proxies.wait_for_proxies(None))  # type: ignore[arg-type]

    assert slept == [proxies.PROPAGATION_SECONDS]


def put_back_notes(run: Run) -> dict[str, str]:
    """The notes of what a rollback puts back, by logical name."""
    annotations = {
        r.name: r.inputs["metadata"].get("annotations", {})
        for r in run.resources
        if _is_manifest(r)
    }
    return {
        name: said[names.PUT_BACK] for name, said in annotations.items() if names.PUT_BACK in said
    }


def test_a_rollback_over_an_edit_by_hand_writes_the_route() -> None:
    """Pulumi would see no difference to what it wrote itself."""
    back = run_program(config_at(len(WALK) - 1), walked()[-2][1])
    live = back["bookinfo-reviews-route"].inputs["spec"]["http"][-1]
    live["route"][0]["destination"]["subset"] = "v3"
    again = run_program(config_at(len(WALK) - 1), back)
    notes = put_back_notes(again)

    assert set(notes) == {"bookinfo-reviews-route"}
    assert notes["bookinfo-reviews-route"].startswith(
        "the live route was changed by somebody else: v3 100 %"
    )


def test_a_rollback_to_pods_that_are_missing_writes_their_deployment() -> None:
    """Pulumi waits for what it writes alone."""
    config, before = config_at(len(WALK) - 1), copy(walked()[-2][1])
    before.missing = {"reviews-v2": 1}
    back = run_program(config, before)
    again = run_program(config, back)
    notes = put_back_notes(back)

    assert notes == {"bookinfo-reviews-v2-deployment": "v2 has 0 of 1 pods ready"}
    assert put_back_notes(again) == notes


def test_a_rollback_over_what_is_whole_notes_nothing() -> None:
    assert put_back_notes(walked()[-1][1]) == {}


def test_a_canary_whose_pods_are_missing_gets_no_request() -> None:
    before = copy(walked()[1][1])
    before.missing = {"reviews-v2": 1}
    message, run = refused(config_at(2), before)

    assert "releases.reviews.stage: weighted - v2 has 0 of 1 pods ready" in message
    assert run.resources == []


def _is_manifest(resource: Registered) -> bool:
    return resource.is_object and "metadata" in resource.inputs
