"""`kill -9` in the middle of a stage change, and two people at once. The service is asked all the time."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from demo.kube import Manifest
from tests.cluster.configs import team_version
from tests.cluster.kube import Kube, weights_of
from tests.cluster.load import Load
from tests.cluster.stack import Config, Stack, kill_tree, wait_until
from tests.cluster.till import HOST, bank, without_release

ROUTE = "the route within the mesh"


def kill_when(stack: Stack, config: Config, what: str, happened: Callable[[], object]) -> None:
    """`pulumi up` ran until this had happened, and not a moment longer; its lock is taken away."""
    process = stack.start_up(config)
    try:
        wait_until(what, lambda: happened() or process.poll() is not None)
        assert process.poll() is None, f"too late for {what}: {process.communicate()[0]}"
    finally:
        kill_tree(process.pid)
        process.communicate()
    stack.cancel()


def changed(before: Manifest | None, now: Manifest | None) -> bool:
    """Whether an object was written, or written again."""
    versions = [(found or {}).get("metadata", {}).get("resourceVersion") for found in (before, now)]
    return bool(versions[0] != versions[1])


def test_a_first_run_killed_at_any_moment_is_finished_by_the_next_one(
    till: Stack, kube: Kube, tmp_path: Path
) -> None:
    """Killed while proxies are waited for, after the route, and while the canary starts."""
    without_release(till)
    before = kube.pods("bank", "till").keys()

    with Load(till.cluster, tmp_path, host=HOST) as load:
        dark = bank("dark")
        kill_when(till, dark, "the first subsets", lambda: kube.subsets("bank", "till"))
        assert kube.route("bank", "till") is None
        kill_when(till, dark, ROUTE, lambda: kube.route("bank", "till"))
        kill_when(till, dark, "a canary", lambda: "till-v2" in kube.deployments("bank", "till"))
        till.up(dark)

    assert load.result.clean, load.result
    assert till.outputs()["releases"]["till"]["stage"] == "dark"
    assert before <= kube.pods("bank", "till").keys()
    assert till.has_nothing_to_do(dark)


@pytest.mark.parametrize("after", ["a second", "the route"])
def test_a_killed_change_of_weight_ends_where_the_stack_file_says(
    after: str, till: Stack, kube: Kube, tmp_path: Path
) -> None:
    till.up(bank("dark"))
    route = kube.route("bank", "till")
    pods = kube.pods("bank", "till").keys()

    with Load(till.cluster, tmp_path, host=HOST) as load:
        weighted = bank("weighted", 10)
        if after == "the route":
            kill_when(till, weighted, ROUTE, lambda: changed(route, kube.route("bank", "till")))
        else:
            started = time.monotonic()
            kill_when(till, weighted, after, lambda: time.monotonic() - started > 1)
        till.up(weighted)

    assert load.result.clean, load.result
    assert weights_of(kube.route("bank", "till")) == {"v1": 90, "v2": 10}
    assert pods == kube.pods("bank", "till").keys()
    assert till.has_nothing_to_do(weighted)


def test_a_killed_change_of_weight_can_be_rolled_back_instead(
    till: Stack, kube: Kube, tmp_path: Path
) -> None:
    till.up(bank("dark"))
    till.up(bank("weighted", 10))
    route = kube.route("bank", "till")

    with Load(till.cluster, tmp_path, host=HOST) as load:
        weighted = bank("weighted", 50)
        kill_when(till, weighted, ROUTE, lambda: changed(route, kube.route("bank", "till")))
        till.up(bank("rolled_back"))

    assert load.result.clean, load.result
    assert weights_of(kube.route("bank", "till")) == {"v1": 100}
    assert {*kube.deployments("bank", "till")} == {"till-v1"}


def test_a_rollback_that_was_killed_is_no_way_to_promotion(till: Stack, kube: Kube) -> None:
    """The record still says 50 %, the route says none: what carries nothing is not promoted."""
    for weight in (0, 10, 50):
        till.up(bank("weighted", weight) if weight else bank("dark"))
    route = kube.route("bank", "till")
    back = bank("rolled_back")
    kill_when(till, back, ROUTE, lambda: changed(route, kube.route("bank", "till")))

    refused = till.preview(bank("promoted"))

    assert refused.refused, refused.output
    till.up(back)
    assert {*kube.deployments("bank", "till")} == {"till-v1"}


def test_a_canary_whose_start_was_killed_may_be_mended(till: Stack, kube: Kube) -> None:
    """Its Deployment is in no state, and written by a run that is gone; the next one takes it over."""
    till.up(bank("dark"))
    started = team_version("till", "v3", env={"UNHEALTHY": "1"})
    broken = bank("dark", canary=started)
    kill_when(till, broken, "a canary", lambda: "till-v3" in kube.deployments("bank", "till"))

    mended = bank("dark", canary=team_version("till", "v3"))
    till.up(mended)

    assert {*kube.deployments("bank", "till")} == {"till-v1", "till-v3"}
    assert till.has_nothing_to_do(mended)


def test_the_second_of_two_people_is_told_of_the_first(till: Stack, kube: Kube) -> None:
    till.up(bank("dark"))
    locks = till.cluster.place.pulumi_state / ".pulumi" / "locks"
    first = till.start_up(bank("weighted", 10))
    wait_until("the first one's lock", lambda: [*locks.rglob("*.json")])

    second = till.run("up", "--yes", "--skip-preview")

    output, _ = first.communicate()
    assert first.returncode == 0, output
    assert second.code != 0
    assert "the stack is currently locked" in second
    assert weights_of(kube.route("bank", "till")) == {"v1": 90, "v2": 10}
    assert till.has_nothing_to_do(bank("weighted", 10))
