"""Somebody else writes what a release owns, with kubectl."""

import copy
from collections.abc import Iterator

import pytest

from tests.cluster.kube import Kube, route_path, weights_of
from tests.cluster.stack import Stack
from tests.cluster.till import HOST, bank
from tests.cluster.traffic import ask_gateway

AT_TEN = bank("weighted", 10)


@pytest.fixture
def edited(till: Stack, kube: Kube) -> Iterator[Stack]:
    """The till at 10 %, where somebody made it 40 % by `kubectl edit`; rolled back afterwards."""
    till.up(bank("dark"))
    till.up(AT_TEN)
    route = kube.route("bank", "till")
    assert route is not None
    rules = copy.deepcopy(route["spec"]["http"])
    for entry, weight in zip(rules[-1]["route"], (60, 40), strict=True):
        entry["weight"] = weight
    kube.edit(route_path("bank", "till"), {"spec": {"http": rules}})
    yield till
    till.up(bank("rolled_back"))


def test_a_step_forward_over_a_route_that_was_edited_by_hand_is_refused(
    edited: Stack, kube: Kube
) -> None:
    ran = edited.preview(bank("weighted", 50))

    assert ran.refused, ran.output
    assert "the live route was changed by somebody else: v1 60 %, v2 40 %" in ran
    assert "(we wrote: v1 90 %, v2 10 %)" in ran
    assert weights_of(kube.route("bank", "till")) == {"v1": 60, "v2": 40}


def test_the_stack_file_as_last_applied_puts_an_edited_route_back(
    edited: Stack, kube: Kube
) -> None:
    edited.up(AT_TEN, "--refresh")

    assert weights_of(kube.route("bank", "till")) == {"v1": 90, "v2": 10}
    assert edited.has_nothing_to_do(AT_TEN)


def test_a_rollback_takes_an_edited_route_over(edited: Stack, kube: Kube) -> None:
    edited.up(bank("rolled_back"))

    assert weights_of(kube.route("bank", "till")) == {"v1": 100}
    assert ask_gateway(edited.cluster, HOST, 100).by_version == {"v1": 100}
    assert edited.has_nothing_to_do(bank("rolled_back"))


def test_a_rollback_from_dark_takes_back_what_was_given_by_hand(till: Stack, kube: Kube) -> None:
    """Our route of `dark` and of `rolled_back` may read the same: it is written all the same."""
    alone = {"testers": None}
    till.up(bank("dark", **alone))
    route = kube.route("bank", "till")
    assert route is not None
    (rule,) = copy.deepcopy(route["spec"]["http"])
    (stable,) = rule["route"]
    canary = {"destination": {**stable["destination"], "subset": "v2"}, "weight": 30}
    rule["route"] = [{**stable, "weight": 70}, canary]
    kube.edit(route_path("bank", "till"), {"spec": {"http": [rule]}})

    till.up(bank("rolled_back", **alone))

    assert weights_of(kube.route("bank", "till")) == {"v1": 100}
    assert {*kube.deployments("bank", "till")} == {"till-v1"}


def test_a_route_that_was_deleted_by_hand_is_not_built_upon(till: Stack, kube: Kube) -> None:
    """Without it the Service spreads requests over both versions; a refresh puts it back."""
    till.up(bank("dark"))
    kube.delete(route_path("bank", "till"))

    ran = till.preview(AT_TEN)

    assert ran.refused, ran.output
    till.up(bank("dark"), "--refresh")
    assert weights_of(kube.route("bank", "till")) == {"v1": 100}


@pytest.fixture
def foreign_route(kube: Kube, till: Stack) -> Iterator[str]:
    """A VirtualService for the till's host that nobody here wrote."""
    till.up(bank("dark"))
    destination = {"host": "till.bank.svc.cluster.local"}
    spec = {"hosts": ["till"], "http": [{"route": [{"destination": destination}]}]}
    manifest = {
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": {"name": "of-somebody-else", "namespace": "bank"},
        "spec": spec,
    }
    kube.create(route_path("bank"), manifest)
    yield "of-somebody-else"
    kube.delete(route_path("bank", "of-somebody-else"))


def test_a_second_route_for_the_same_host_is_refused(till: Stack, foreign_route: str) -> None:
    ran = till.preview(AT_TEN)

    assert ran.refused, ran.output
    assert foreign_route in ran
    assert "one owner per host" in ran
