"""A canary that never gets ready: the run fails, users keep what they had, and the next run works."""

from pathlib import Path
from typing import Any

from tests.cluster.configs import team_version
from tests.cluster.kube import Kube, weights_of
from tests.cluster.load import Load
from tests.cluster.stack import Config, Stack
from tests.cluster.till import HOST, bank, without_release
from tests.cluster.traffic import ask_gateway

UNHEALTHY = {"UNHEALTHY": "1"}
CRASHING = {"READY_AFTER_MS": "3000", "CRASH_AFTER_MS": "300"}


def impatient(stage: str | None = None, **changes: Any) -> Config:
    """The bank's stack file, where pods get five seconds to become ready."""
    config = bank(stage, **changes)
    workload = config["apps"]["bank"]["workloads"]["till"]
    workload["ready_seconds"] = 5
    return config


def canary(version: str, env: dict[str, str]) -> dict[str, Any]:
    """A canary with a fault."""
    return team_version("till", version, env=env)


def test_a_first_canary_that_is_never_ready_fails_the_run_and_nobody_notices(
    till: Stack, kube: Kube, tmp_path: Path
) -> None:
    without_release(till)

    with Load(till.cluster, tmp_path, host=HOST) as load:
        failed = till.try_up(impatient("dark", canary=canary("v2", UNHEALTHY)))
        assert failed.code != 0
        assert "till-v2" in failed
        assert ask_gateway(till.cluster, HOST, 50).by_version == {"v1": 50}
        till.up(bank("dark"))

    assert load.result.clean, load.result
    assert till.has_nothing_to_do(bank("dark"))


def test_a_crashing_canary_of_a_later_run_can_be_rolled_back(
    till: Stack, kube: Kube, tmp_path: Path
) -> None:
    till.up(bank("dark"))

    with Load(till.cluster, tmp_path, host=HOST) as load:
        failed = till.try_up(impatient("dark", canary=canary("v3", CRASHING)))
        assert failed.code != 0
        assert ask_gateway(till.cluster, HOST, 50).by_version == {"v1": 50}
        till.up(bank("rolled_back", canary=canary("v3", CRASHING)))

    assert load.result.clean, load.result
    assert {*kube.deployments("bank", "till")} == {"till-v1"}
    assert weights_of(kube.route("bank", "till")) == {"v1": 100}


def test_a_first_release_that_failed_is_rolled_back_before_it_leaves_the_stack_file(
    till: Stack, kube: Kube, tmp_path: Path
) -> None:
    """The app takes its own Deployment back, pods and all."""
    without_release(till)
    before = kube.deployments("bank", "till")["till-v1"]["metadata"]["uid"]
    pods = kube.pods("bank", "till").keys()

    with Load(till.cluster, tmp_path, host=HOST) as load:
        failed = till.try_up(impatient("dark", canary=canary("v2", UNHEALTHY)))
        assert failed.code != 0
        removed = till.try_up(bank())
        assert "its first `up` never came to its end" in removed.output
        till.up(impatient("rolled_back", canary=canary("v2", UNHEALTHY)))
        till.up(bank())

    assert load.result.clean, load.result
    deployments = kube.deployments("bank", "till")
    assert {name: found["metadata"]["uid"] for name, found in deployments.items()} == {
        "till-v1": before
    }
    assert kube.pods("bank", "till").keys() == pods
    assert kube.route("bank", "till") is None
