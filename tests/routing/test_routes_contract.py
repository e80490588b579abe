"""The same questions, asked of every router that writes routes: what a split says is what its manifests say."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesh_canary.release import plan_release
from mesh_canary.routing import ROUTERS, Exposure, Manifest, Route, Router
from mesh_canary.routing.names import host_of
from mesh_canary.settings import RetrySettings
from tests.builders import a_split, at

STAGES: tuple[int | str, ...] = ("dark", "mirror", 10, 50, "promoted", "rolled_back")
ROUTE = Route("bookinfo", "reviews", 9080)
EXPOSED = Route(
    "bookinfo",
    "productpage",
    9080,
    exposure=Exposure(
        "istio-ingress/istio-ingressgateway", ("shop.example.com",), ("/productpage", "/login")
    ),
)
JASON = {"testers": {"end-user": "jason"}}

BY_REQUESTS = {name: router for name, router in ROUTERS.items() if router.splits_by == "requests"}

pytestmark = pytest.mark.parametrize("router", BY_REQUESTS.values(), ids=list(BY_REQUESTS))


def texts_in(manifest: Any) -> list[str]:
    """Every text in a manifest."""
    if isinstance(manifest, dict):
        return [text for value in manifest.values() for text in texts_in(value)]
    if isinstance(manifest, list):
        return [text for value in manifest for text in texts_in(value)]
    return [manifest] if isinstance(manifest, str) else []


def read_back(router: Router, route: Route, manifests: tuple[Manifest, ...]) -> Any:
    """What the router reads of its own routes."""
    return router.read_live(route, manifests, ("v1", "v2", "v3", "1.0", "2.0"), ())


@given(weight=st.integers(min_value=1, max_value=99))
def test_weights_arrive_unchanged(router: Router, weight: int) -> None:
    split = plan_release(at(weight, steps=[weight])).split

    assert read_back(router, ROUTE, router.make_routes(ROUTE, split)).weights == dict(split.weights)


@pytest.mark.parametrize("stage", STAGES)
def test_what_was_written_is_read_back(router: Router, stage: int | str) -> None:
    split = plan_release(at(stage, **JASON)).split
    live = read_back(router, ROUTE, router.make_routes(ROUTE, split))

    assert live.weights == live.written_weights == dict(split.weights)
    assert set(live.named) == split.named
    assert not live.edited_by_hand
    assert not live.other_routes


@pytest.mark.parametrize("stage", STAGES)
def test_a_version_with_a_dot_is_read_back_as_it_was_typed(
    router: Router, stage: int | str
) -> None:
    pair = {
        "stable": {"version": "1.0", "image": "docker.io/team/reviews:1.0"},
        "canary": {"version": "2.0", "image": "docker.io/team/reviews:2.0"},
    }
    split = plan_release(at(stage, **pair, **JASON)).split
    live = read_back(router, ROUTE, router.make_routes(ROUTE, split))

    assert live.weights == live.written_weights == dict(split.weights)
    assert set(live.named) == split.named


def test_an_edit_by_hand_is_noticed(router: Router) -> None:
    routes = router.make_routes(ROUTE, plan_release(at(10)).split)
    others = router.make_routes(ROUTE, plan_release(at(50)).split)
    edited = {**others[0], "metadata": routes[0]["metadata"]}

    assert read_back(router, ROUTE, (edited,)).edited_by_hand


def test_where_no_route_is_none_is_read(router: Router) -> None:
    assert not read_back(router, ROUTE, ()).exists


def test_the_route_of_another_service_says_nothing(router: Router) -> None:
    other = router.make_routes(Route("bookinfo", "ratings", 9080), a_split())
    live = read_back(router, ROUTE, other)

    assert not live.exists
    assert not live.other_routes


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("route", [ROUTE, EXPOSED])
def test_equal_splits_give_equal_manifests(router: Router, stage: int | str, route: Route) -> None:
    split = plan_release(at(stage)).split

    assert router.make_routes(route, split) == router.make_routes(route, split)
    assert router.make_subsets(route, ("v2", "v1")) == router.make_subsets(route, ("v1", "v2"))


@pytest.mark.parametrize("stage", STAGES)
def test_names_are_the_same_at_every_stage(router: Router, stage: int | str) -> None:
    """Another name would be another object: the old one deleted, the new one created."""
    dark = router.make_routes(EXPOSED, plan_release(at("dark")).split)
    here = router.make_routes(EXPOSED, plan_release(at(stage)).split)

    assert [m["metadata"]["name"] for m in here] == [m["metadata"]["name"] for m in dark]
    assert [m["kind"] for m in here] == [m["kind"] for m in dark]


@pytest.mark.parametrize("stage", STAGES)
def test_a_route_says_full_host_names_only(router: Router, stage: int | str) -> None:
    """A short name means another Service in every namespace."""
    (route,) = router.make_routes(ROUTE, plan_release(at(stage)).split)
    hosts = [text for text in texts_in(route["spec"]) if text.startswith("reviews")]

    assert set(hosts) == {host_of("reviews", "bookinfo")}


def test_an_exposed_service_has_a_route_behind_its_gateway(router: Router) -> None:
    inside, outside = router.make_routes(EXPOSED, a_split())

    assert router.make_routes(ROUTE, a_split())[1:] == ()
    assert "istio-ingress/istio-ingressgateway" in texts_in(outside)
    assert "istio-ingress/istio-ingressgateway" not in texts_in(inside)


@pytest.mark.parametrize("seconds", [0.25, 2.0, 30.0])
@pytest.mark.parametrize("stage", ["dark", "mirror", 10])
def test_the_operators_timeout_holds_for_every_request(
    router: Router, seconds: float, stage: int | str
) -> None:
    """Testers and mirrored requests included."""
    route = Route("bookinfo", "reviews", 9080, timeout_seconds=seconds)
    (made,) = router.make_routes(route, plan_release(at(stage, **JASON)).split)

    assert {rule["timeout"] for rule in made["spec"]["http"]} == {f"{round(seconds * 1000)}ms"}


def test_the_operators_retries_hold_for_every_request(router: Router) -> None:
    retries = RetrySettings(attempts=2, per_try_timeout_seconds=0.5, retry_on="5xx,reset")
    route = Route("bookinfo", "reviews", 9080, retries=retries)
    (made,) = router.make_routes(route, plan_release(at("mirror", **JASON)).split)

    assert [rule["retries"] for rule in made["spec"]["http"]] == [
        {"attempts": 2, "perTryTimeout": "500ms", "retryOn": "5xx,reset"}
    ] * 3
