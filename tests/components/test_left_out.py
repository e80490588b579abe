"""What the state holds and the stack file leaves out: nothing that carries requests is deleted by a word."""

from typing import Any

import pytest

from tests.builders import release_config, stack_config
from tests.components.recorder import refused, run_program
from tests.components.run import Run

CART = {"image": "docker.io/team/cart:1", "port": 8080}


def shop(**changes: Any) -> dict[str, Any]:
    """The shop, an app of one service."""
    return {"namespace": "shop", "workloads": {"cart": CART}, **changes}


def of_apps(releases: dict[str, Any] | None = None, **apps: Any) -> dict[str, Any]:
    """A stack of some apps behind a gateway that is there already."""
    return stack_config(gateway={"install": False}, apps=apps, releases=releases or {})


def cart_release(**changes: Any) -> dict[str, Any]:
    """A release of cart from v1 on, under its name."""
    release = release_config(
        namespace="shop",
        service="cart",
        stable={"version": "v1", "image": "docker.io/team/cart:1"},
        canary={"version": "v2", "image": "docker.io/team/cart:2"},
        **changes,
    )
    return {"cart": release}


def forgotten_in(message: str) -> set[str]:
    """The names of the objects that a message says how to let go."""
    return {said.split("'")[0].rsplit("::", 1)[-1] for said in message.split("state delete '")[1:]}


def names_of(run: Run) -> set[str]:
    """The logical names of everything that a run registered."""
    return {resource.name for resource in run.resources}


RUNS = [
    (shop(), {"shop-cart-v1-deployment"}),
    (
        shop(workloads={"cart": {**CART, "replicas": 2}}),
        {"shop-cart-v1-deployment", "shop-cart-v1-budget"},
    ),
    (
        shop(workloads={"cart": {**CART, "selector": "version"}}),
        {"shop-cart-v1-deployment", "shop-cart-service"},
    ),
    (
        shop(
            workloads={"cart": {**CART, "autoscale": {"min_replicas": 2, "max_replicas": 4}}},
            expose={"workload": "cart"},
        ),
        {
            "shop-cart-v1-deployment",
            "shop-cart-v1-budget",
            "shop-cart-v1-autoscaler",
            "shop-cart-gateway-route",
        },
    ),
]


@pytest.mark.parametrize(("app", "runs"), RUNS)
def test_what_runs_here_is_not_left_to_another_stack_by_a_word(
    app: dict[str, Any], runs: set[str]
) -> None:
    """Pulumi would delete it, and with it the version that carries the requests."""
    before = run_program(of_apps(shop=app))
    message, run = refused(of_apps(shop={**app, "released_elsewhere": ["cart"]}), before)

    assert "apps.shop.released_elsewhere[0]: cart" in message
    assert forgotten_in(message) == runs
    assert runs <= names_of(before)
    assert run.resources == []


@pytest.mark.parametrize(("app", "runs"), RUNS)
def test_what_was_let_go_is_left_to_another_stack(app: dict[str, Any], runs: set[str]) -> None:
    before = run_program(of_apps(shop=app))
    before.resources = [r for r in before.resources if r.name not in runs]

    assert refused(of_apps(shop={**app, "released_elsewhere": ["cart"]}), before)[0] == ""


def test_a_service_with_a_longer_name_is_another_one() -> None:
    """The cart may be released elsewhere while cart-list runs here."""
    app = shop(workloads={"cart": CART, "cart-list": CART}, released_elsewhere=["cart"])
    config = of_apps(shop=app)

    assert refused(config, run_program(config))[0] == ""


def test_a_namespace_is_kept_while_a_release_works_in_it() -> None:
    """The app is handed to another stack, its release stays here."""
    before = run_program(of_apps(cart_release(), shop=shop()))
    message, run = refused(of_apps(cart_release(), shop=shop(install=False)), before)

    assert "releases.cart.namespace: shop - " in message
    assert forgotten_in(message) == {"shop-namespace"}
    assert run.resources == []


def test_an_app_does_not_move_away_from_its_release() -> None:
    before = run_program(of_apps(cart_release(), shop=shop()))
    moved = of_apps(cart_release(), shop=shop(install=False), store=shop(namespace="store"))
    message, run = refused(moved, before)

    assert "releases.cart.namespace: shop - " in message
    assert run.resources == []


def test_an_app_keeps_its_namespace_under_another_key() -> None:
    """The namespace is named after itself."""
    before = run_program(of_apps(cart_release(), shop=shop()))
    message, run = refused(of_apps(cart_release(), store=shop()), before)

    assert message == ""
    assert run["shop-namespace"].type == before["shop-namespace"].type


def test_an_app_without_a_release_may_be_left_out() -> None:
    extras = shop(namespace="extras")
    before = run_program(of_apps(cart_release(), shop=shop(), extras=extras))

    assert refused(of_apps(cart_release(), shop=shop()), before)[0] == ""
    assert (
        refused(of_apps(shop={**shop(), "install": False}), run_program(of_apps(shop=shop())))[0]
        == ""
    )


def test_a_release_does_not_move_with_its_app() -> None:
    """A namespace cannot be renamed: what is in it would be deleted."""
    before = run_program(of_apps(cart_release(), shop=shop()))
    release = {"cart": {**cart_release()["cart"], "namespace": "store"}}
    message, run = refused(of_apps(release, shop=shop(namespace="store")), before)

    assert "releases.cart - removed, while v1 and v2 run" in message
    assert run.resources == []


def test_a_release_of_an_app_elsewhere_is_forgotten_rather_than_taken_out() -> None:
    """Its Deployment would be deleted here, and only then could another stack create it."""
    app = shop(install=False)
    dark = run_program(of_apps(cart_release(), shop=app))
    back = run_program(of_apps(cart_release(stage="rolled_back"), shop=app), dark)
    message, run = refused(of_apps(shop=app), back)

    assert "pulumi state delete --target-dependents" in message
    assert run.resources == []


def test_a_version_that_a_killed_run_left_keeps_its_release_in_the_file() -> None:
    """Without the release's route it would get requests."""
    dark = run_program(of_apps(cart_release(), shop=shop()))
    back = run_program(of_apps(cart_release(stage="rolled_back"), shop=shop()), dark)
    back.resources += [r for r in dark.resources if r.name == "shop-cart-v2-deployment"]
    message, run = refused(of_apps(shop=shop()), back)

    assert "releases.cart - removed, while v1 and v2 run" in message
    assert run.resources == []
