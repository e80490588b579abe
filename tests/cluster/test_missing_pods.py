"""Pods that a move relies on, and that somebody took away by hand."""

import copy
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.kube import Kube, route_path, weights_of
from tests.cluster.load import Load
from tests.cluster.stack import Stack
from tests.cluster.till import HOST, bank
from tests.cluster.traffic import ask_gateway

PATIENCE_SECONDS = 60


@pytest.fixture
def promoted(till: Stack) -> Iterator[Stack]:
    """The till, promoted to v2 with v1 kept; rolled back afterwards."""
    till.up(bank("dark"))
    for weight in (10, 50):
        till.up(bank("weighted", weight))
    till.up(bank("promoted"))
    yield till
    till.up(bank("rolled_back"))


def scale(kube: Kube, name: str, replicas: int) -> None:
    """The Deployment has that many pods, as after `kubectl scale`."""
    change = {"spec": {"replicas": replicas}}
    kube.edit(f"/apis/apps/v1/namespaces/bank/deployments/{name}", change)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while kube.deployments("bank", "till")[name]["status"].get("readyReplicas", 0) != replicas:
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_a_rollback_starts_missing_pods_before_it_moves_the_route(
    promoted: Stack, kube: Kube, tmp_path: Path
) -> None:
    scale(kube, "till-v1", 0)

    with Load(promoted.cluster, tmp_path, host=HOST) as load:
        promoted.up(bank("rolled_back"))
        assert ask_gateway(promoted.cluster, HOST, 50).by_version == {"v1": 50}

    assert load.result.clean, load.result
    assert promoted.has_nothing_to_do(bank("rolled_back"))


def test_what_a_rule_of_somebody_else_needs_is_not_retired(promoted: Stack, kube: Kube) -> None:
    """Also when the weights still are as we wrote them."""
    route = kube.route("bank", "till")
    assert route is not None
    (live,) = copy.deepcopy(route["spec"]["http"])
    (entry,) = live["route"]
    back = {**entry, "destination": {**entry["destination"], "subset": "v1"}}
    rule = {"match": [{"headers": {"x-old": {"exact": "1"}}}], "route": [back]}
    kube.edit(route_path("bank", "till"), {"spec": {"http": [rule, live]}})

    ran = promoted.preview(bank("promoted", retire_stable=True))

    assert ran.refused, ran.output
    assert "rules beside the weights" in ran


def test_a_canary_whose_pods_are_missing_gets_no_more_requests(till: Stack, kube: Kube) -> None:
    till.up(bank("dark"))
    till.up(bank("weighted", 10))
    scale(kube, "till-v2", 0)

    ran = till.preview(bank("weighted", 50))

    assert ran.refused, ran.output
    assert "v2 has no" in ran or "v2 has 0 of" in ran
    till.up(bank("rolled_back"))


def test_a_rollback_after_the_route_was_deleted_needs_a_refresh(till: Stack, kube: Kube) -> None:
    till.up(bank("dark"))
    kube.delete(route_path("bank", "till"))

    till.up(bank("rolled_back"), "--refresh")

    assert weights_of(kube.route("bank", "till")) == {"v1": 100}
    assert {*kube.deployments("bank", "till")} == {"till-v1"}
