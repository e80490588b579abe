"""Versions that run beside a release and get no request: not before the route is there, not at any stage."""

import pytest

from mesh_canary.release import plan_release
from mesh_canary.release.record import Record
from tests.builders import a_record, a_version, at

STAGES: tuple[int | str, ...] = ("dark", "mirror", 10, 50, "promoted", "rolled_back")
V3 = [a_version("v3")]
JASON = {"end-user": "jason"}


@pytest.mark.parametrize("stage", STAGES)
def test_it_runs_at_every_stage_and_no_rule_names_it(stage: int | str) -> None:
    plan = plan_release(at(stage, unrouted=V3, testers=JASON), a_record("dark"))

    assert plan.workloads[-1].version == "v3"
    assert "v3" not in plan.split.named
    assert "v3" not in plan.subsets


@pytest.mark.parametrize("stage", ["dark", "rolled_back"])
def test_in_a_first_release_its_pods_come_after_the_route(stage: str) -> None:
    order = [str(step) for step in plan_release(at(stage, unrouted=V3)).order]

    assert order.index("apply workload v3") > order.index("apply route")
    assert (
        "wait for proxies" in order[order.index("apply route") : order.index("apply workload v3")]
    )


@pytest.mark.parametrize("stage", STAGES)
def test_users_are_told_of_it(stage: int | str) -> None:
    assert plan_release(at(stage, unrouted=V3)).notice.endswith("No request reaches v3.")


def test_it_becomes_the_canary_of_the_next_release_without_a_restart() -> None:
    """Its Deployment is the same, image and all."""
    before = plan_release(at("promoted", unrouted=V3), a_record(50))
    following = at("dark", stable=a_version("v2"), canary=a_version("v3"))
    after = plan_release(following, before.record)

    assert before.workloads[-1] in after.workloads


def test_the_record_says_that_it_runs() -> None:
    """So the entry is not taken out while its pods would get requests."""
    record: Record = plan_release(at("dark", unrouted=V3)).record

    assert record.running == ("v1", "v2", "v3")
