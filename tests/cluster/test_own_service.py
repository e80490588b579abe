"""A team's own service: nothing but an entry in a stack file of its own, beside the environment that others set up."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from demo.statistics import acceptance_region, sample_size
from tests.cluster.configs import host_of, team, team_release, team_version
from tests.cluster.conftest import Environment
from tests.cluster.kube import Kube, weights_of
from tests.cluster.load import Load
from tests.cluster.stack import Config, Stack
from tests.cluster.traffic import arrived, ask_gateway, make_tag, send
from tests.cluster.walk import SHARE_CHECKS

CART = "http://cart.shop:8080/"
HOST = host_of("cart")
NEXT: dict[str, Any] = {"stable": team_version("cart", "v2"), "canary": team_version("cart", "v3")}


def shop(stage: str, weight: int | None = None, **changes: Any) -> Config:
    """The shop's stack: the app is there already, its cart is released here."""
    release = team_release("shop", "cart", stage, weight, **changes)
    return team("shop", "cart", install=False, cart=release)


@pytest.fixture(scope="module")
def stack(shared: Environment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The team's stack, empty at first, destroyed at the end."""
    stack = Stack("test-shop", shared.stack.cluster, tmp_path_factory.mktemp("shop"))
    yield stack
    stack.destroy()


def test_the_operators_retries_and_timeout_reach_the_proxies(stack: Stack, kube: Kube) -> None:
    """Asked as a tester, of a canary at dark that fails always, or answers after two seconds."""
    tester, tag = {"end-user": "jason"}, make_tag()
    policy: dict[str, Any] = {"timeout_seconds": 0.5, "retries": {"attempts": 2, "retry_on": "5xx"}}
    failing = team_version("cart", "v2", env={"FAIL_PERCENT": "100"})
    stack.up(shop("dark", canary=failing, **policy))

    answers = send(kube, CART, 20, headers={**tester, "User-Agent": tag})

    assert answers.by_status == {"500": 20}
    assert arrived(kube, "shop", "cart", 8080, tag) == {"v2 GET": 60}

    slow = team_version("cart", "v2", env={"DELAY_PERCENT": "100", "DELAY_MS": "2000"})
    stack.up(shop("dark", canary=slow, **policy))

    answers = send(kube, CART, 4, headers=tester, concurrency=4)

    assert answers.by_status == {"504": 4}
    assert 0.4 < answers.seconds < 2
    assert send(kube, CART, 20).by_version == {"v1": 20}


def test_a_service_is_released_from_its_entry_alone(
    stack: Stack, kube: Kube, tmp_path: Path
) -> None:
    """To the last step and retired, by users who come through the gateway, by the host.

    The next release, rolled back and handed back, is a chapter of the scenario `own-service`.
    """
    stack.up(shop("dark"))
    carriers = kube.deployments("shop", "cart")["cart-v1"]["metadata"]["uid"]

    with Load(stack.cluster, tmp_path, host=HOST) as load:
        assert_shares(stack, {"v1": 100})
        assert ask_gateway(stack.cluster, HOST, 50, {"end-user": "jason"}).by_version == {"v2": 50}
        for weight in (10, 50):
            stack.up(shop("weighted", weight))
            assert_shares(stack, {"v1": 100 - weight, "v2": weight})
        canary = kube.deployments("shop", "cart")["cart-v2"]["metadata"]["uid"]
        stack.up(shop("promoted"))
        assert_shares(stack, {"v2": 100})
        assert kube.deployments("shop", "cart")["cart-v1"]["metadata"]["uid"] == carriers

        retired = shop("promoted", retire_stable=True)
        stack.up(retired)
        assert {*kube.deployments("shop", "cart")} == {"cart-v2"}
        assert stack.has_nothing_to_do(retired)

    deployments = kube.deployments("shop", "cart")
    assert {name: found["metadata"]["uid"] for name, found in deployments.items()} == {
        "cart-v2": canary
    }
    assert load.result.clean, load.result


def test_a_teams_stack_holds_nothing_of_the_environment(stack: Stack) -> None:
    """Neither does its preview name anything else."""
    stack.up(shop("rolled_back", **NEXT))

    resources = json.loads(stack.state())["deployment"]["resources"]
    objects = [one for one in resources if one["type"].startswith("kubernetes:")]
    assert {one["inputs"]["metadata"]["namespace"] for one in objects} == {"shop"}
    assert {one["type"].rpartition(":")[2] for one in objects} == {
        *("Deployment", "DestinationRule", "VirtualService")
    }
    preview = stack.preview(shop("dark", **NEXT))
    assert "IstioMesh" not in preview
    assert "bookinfo" not in preview


def test_the_environment_has_nothing_to_do_beside_a_teams_releases(shared: Environment) -> None:
    assert shared.stack.run("preview", "--expect-no-changes").code == 0


def test_the_gateways_route_of_a_service_carries_the_split(stack: Stack, kube: Kube) -> None:
    """A route bound to a gateway makes the one of the mesh void for what comes through it."""
    stack.up(shop("dark", **NEXT))
    stack.up(shop("weighted", 10, **NEXT))

    routes = [kube.route("shop", name) for name in ("cart", "cart-gateway")]

    assert [weights_of(route) for route in routes] == [{"v2": 90, "v3": 10}] * 2


def assert_shares(stack: Stack, percents: dict[str, int]) -> None:
    """What came through the gateway was answered by these versions, in these shares."""
    percent = min(percents.values())
    answers = ask_gateway(stack.cluster, HOST, sample_size(percent, SHARE_CHECKS))
    regions = {
        version: acceptance_region(share, answers.sent, SHARE_CHECKS)
        for version, share in percents.items()
    }

    assert answers.failed == 0, answers
    assert sum(answers.by_version.values()) == answers.sent
    wrong = {v: n for v, n in answers.by_version.items() if v not in regions or n not in regions[v]}
    assert wrong == {}, (answers, regions)
