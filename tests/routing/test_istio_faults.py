"""A fault reaches whom it names and nobody else, and changes nothing but that."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesh_canary.release import plan_release
from mesh_canary.routing import Exposure, Manifest, Route
from mesh_canary.routing.istio import make_exposure, make_service_route, make_virtual_services
from mesh_canary.routing.istio_live import read_live
from mesh_canary.settings import FaultSettings
from tests.builders import at
from tests.routing.requests import Request, Rule, rule_for

JASON = {"end-user": "jason"}
EXPOSURE = Exposure("in/gateway", ("*",), ("/productpage", "/login"))
NAMES = ("end-user", "x-canary", "x-fault")
STAGES: tuple[int | str, ...] = ("dark", "mirror", 10, 50, "promoted", "rolled_back")

headers = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(("jason", "mary")), max_size=3)
requests = st.builds(
    Request,
    st.sampled_from(("GET", "POST")),
    st.sampled_from(("/", "/productpage", "/login")),
    headers,
)
kinds = st.sampled_from(({"delay_seconds": 7.0}, {"abort_status": 500}))
faults = st.builds(
    lambda kind, percent, whose: a_fault(**kind, percent=percent, headers=whose),
    kinds,
    st.integers(1, 100),
    headers.filter(bool),
)


def a_fault(**changes: Any) -> FaultSettings:
    """7 seconds for jason, unless `changes` says otherwise."""
    if not {"delay_seconds", "abort_status"} & set(changes):
        changes["delay_seconds"] = 7.0
    return FaultSettings.model_validate({"percent": 100, "headers": JASON, **changes})


def routes_of(stage: int | str, testers: dict[str, str], fault: FaultSettings | None) -> Any:
    """The rules of a release's routes, within the mesh and behind the gateway."""
    route = Route("bookinfo", "reviews", 9080, 2.0, exposure=EXPOSURE, fault=fault)
    made = make_virtual_services(route, plan_release(at(stage, testers=testers)).split)
    return [manifest["spec"]["http"] for manifest in made]


def without_fault(rule: Rule | None) -> Manifest | None:
    """What a rule does, but for its fault, its name and whom it is for."""
    return (
        None
        if rule is None
        else {k: v for k, v in rule.items() if k not in ("fault", "name", "match")}
    )


@given(st.sampled_from(STAGES), headers, faults, requests)
def test_a_fault_reaches_those_with_all_its_headers_and_nobody_else(
    stage: int | str, testers: dict[str, str], fault: FaultSettings, request: Request
) -> None:
    """At every stage, whoever the testers are, within the mesh and behind the gateway."""
    meant = fault.headers.items() <= request.headers.items()
    before, after = routes_of(stage, testers, None), routes_of(stage, testers, fault)
    for plain, faulty in zip(before, after, strict=True):
        usual, found = rule_for(plain, request), rule_for(faulty, request)

        assert (found is not None and "fault" in found) == (meant and usual is not None)
        assert without_fault(found) == without_fault(usual)
        if not meant:
            assert found == usual


@given(st.sampled_from(STAGES), headers, requests, st.integers(1, 100))
def test_a_fault_for_everyone_reaches_everyone_and_moves_nobody(
    stage: int | str, testers: dict[str, str], request: Request, percent: int
) -> None:
    fault = a_fault(percent=percent, headers={}, everyone=True)
    before, after = routes_of(stage, testers, None), routes_of(stage, testers, fault)
    for plain, faulty in zip(before, after, strict=True):
        usual, found = rule_for(plain, request), rule_for(faulty, request)

        assert (found or {}).get("fault") == (usual and everyone_waits(percent))
        assert without_fault(found) == without_fault(usual)


def everyone_waits(percent: int) -> Manifest:
    """The fault of the test above."""
    return {"delay": {"percentage": {"value": percent}, "fixedDelay": "7000ms"}}


@given(st.sampled_from(STAGES), headers, faults)
def test_without_the_fault_the_route_is_what_it_was(
    stage: int | str, testers: dict[str, str], fault: FaultSettings
) -> None:
    """Behind the fault's rules stand all others, untouched and in their order."""
    for plain, faulty in zip(
        routes_of(stage, testers, None), routes_of(stage, testers, fault), strict=True
    ):
        assert faulty[len(faulty) - len(plain) :] == plain
        assert all("fault" in rule for rule in faulty[: len(faulty) - len(plain)])


@pytest.mark.parametrize("stage", STAGES)
def test_a_route_with_our_fault_is_not_an_edited_one(stage: int | str) -> None:
    split = plan_release(at(stage, testers=JASON)).split
    plain = Route("bookinfo", "reviews", 9080, exposure=EXPOSURE)
    faulty = Route("bookinfo", "reviews", 9080, exposure=EXPOSURE, fault=a_fault())
    live = read_live(faulty, make_virtual_services(faulty, split), ("v1", "v2"))

    assert not live.edited_by_hand
    assert live == read_live(plain, make_virtual_services(plain, split), ("v1", "v2"))


def test_a_fault_that_somebody_else_put_in_is_an_edit() -> None:
    split = plan_release(at(10)).split
    plain = Route("bookinfo", "reviews", 9080)
    (route,), (with_fault,) = (
        make_virtual_services(r, split)
        for r in (plain, Route("bookinfo", "reviews", 9080, fault=a_fault()))
    )
    route["spec"] = with_fault["spec"]

    assert read_live(plain, [route], ("v1", "v2")).rules_edited


def test_a_delay_and_an_abort_are_as_istio_takes_them() -> None:
    delay = make_service_route(Route("bookinfo", "ratings", 9080, fault=a_fault()))
    abort = make_service_route(
        Route("bookinfo", "ratings", 9080, fault=a_fault(abort_status=500, percent=25))
    )

    assert delay["spec"]["http"][0] == {
        "name": "fault-live",
        "match": [{"headers": {"end-user": {"exact": "jason"}}}],
        "fault": {"delay": {"percentage": {"value": 100}, "fixedDelay": "7000ms"}},
        "route": [
            {
                "destination": {
                    "host": "ratings.bookinfo.svc.cluster.local",
                    "port": {"number": 9080},
                }
            }
        ],
    }
    assert abort["spec"]["http"][0]["fault"] == {
        "abort": {"percentage": {"value": 25}, "httpStatus": 500}
    }
    assert [rule["name"] for rule in abort["spec"]["http"]] == ["fault-live", "live"]


def test_a_service_behind_the_gateway_meets_its_fault_there_too() -> None:
    """A route that is bound to a gateway replaces that of the mesh."""
    route = Route("bookinfo", "productpage", 9080, exposure=EXPOSURE, fault=a_fault())
    first, last = make_exposure(route)["spec"]["http"]

    assert [block["uri"]["prefix"] for block in first["match"]] == ["/productpage", "/login"]
    assert all(block["headers"] == {"end-user": {"exact": "jason"}} for block in first["match"])
    assert "fault" not in last
    assert all("headers" not in block for block in last["match"])


def test_the_route_of_an_app_with_a_fault_is_taken_over_as_one_without_versions() -> None:
    """A release that begins finds it under the name of its own route."""
    route = Route("bookinfo", "reviews", 9080, fault=a_fault())
    live = read_live(route, [make_service_route(route)], ("v1", "v2"))

    assert not live.exists
    assert not live.edited_by_hand
    assert live.other_routes == ()
