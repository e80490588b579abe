"""A preview, said in a few lines."""

from typing import Any

from demo.changes import explain_changes
from mesh_canary.release import plan_release
from mesh_canary.routing import ROUTERS, Route
from mesh_canary.routing.istio import make_service_route
from mesh_canary.settings import FaultSettings
from tests.builders import at

ROUTE = Route("bookinfo", "reviews", 9080)
VIRTUAL_SERVICE = "kubernetes:networking.istio.io/v1:VirtualService"


def route_at(weight_or_stage: int | str, **changes: Any) -> dict[str, Any]:
    plan = plan_release(at(weight_or_stage, **changes))
    (manifest,) = ROUTERS["istio"].make_routes(ROUTE, plan.split)
    return manifest


def state(kind: str, inputs: dict[str, Any]) -> dict[str, Any]:
    return {"type": kind, "urn": f"urn:pulumi:demo::mesh-canary::{kind}::name", "inputs": inputs}


def created(kind: str, new: dict[str, Any]) -> dict[str, Any]:
    return {"op": "create", "newState": state(kind, new)}


def route_with(fault: dict[str, Any]) -> dict[str, Any]:
    settings = FaultSettings.model_validate(fault)
    return make_service_route(Route("bookinfo", "ratings", 9080, fault=settings))


def update(kind: str, old: dict[str, Any], new: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"op": "update", "oldState": state(kind, old), "newState": state(kind, new), **more}


def test_a_changed_weight_shows_both_weights() -> None:
    preview = {"steps": [update(VIRTUAL_SERVICE, route_at(10), route_at(50))]}

    assert explain_changes(preview) == [
        "~ VirtualService reviews, live: v1 90 %, v2 10 % → v1 50 %, v2 50 %"
    ]


def test_a_rule_that_comes_or_goes_is_named() -> None:
    testers = {"end-user": "jason"}
    preview = {
        "steps": [update(VIRTUAL_SERVICE, route_at("mirror"), route_at(10, testers=testers))]
    }

    assert explain_changes(preview) == [
        "~ VirtualService reviews, testers: v2 100 %",
        "~ VirtualService reviews, live: v1 100 % → v1 90 %, v2 10 %",
        "~ VirtualService reviews, mirrored: v1 100 %, and copies of 100 % of GET, HEAD, OPTIONS to v2 → gone",
    ]


def test_a_new_version_shows_its_image_and_a_removed_one_its_name() -> None:
    container = {"image": "example/reviews:2"}
    spec = {"template": {"spec": {"containers": [container]}}}
    new = {"metadata": {"name": "reviews-v2"}, "spec": spec}
    old = {"metadata": {"name": "reviews-v1"}, "spec": spec}
    kind = "kubernetes:apps/v1:Deployment"
    steps = [
        {"op": "create", "newState": state(kind, new)},
        {"op": "delete", "oldState": state(kind, old)},
    ]

    assert explain_changes({"steps": steps}) == [
        "+ Deployment reviews-v2: example/reviews:2",
        "- Deployment reviews-v1",
    ]


def test_what_stays_and_what_only_groups_is_left_out() -> None:
    same = {"op": "same", "newState": state(VIRTUAL_SERVICE, route_at(10))}
    component = {"op": "create", "newState": state("mesh-canary:index:Workload", {})}

    assert explain_changes({"steps": [same, component]}) == []


def test_another_changed_object_shows_what_of_it() -> None:
    named = {"metadata": {"name": "reviews-v2"}}
    diff = {"spec.replicas": {"kind": "update"}}
    preview = {"steps": [update("kubernetes:apps/v1:Deployment", named, named, detailedDiff=diff)]}

    assert explain_changes(preview) == ["~ Deployment reviews-v2: spec.replicas"]


def test_a_long_preview_is_cut_and_says_so() -> None:
    kind = "kubernetes:core/v1:Service"
    steps = [
        {"op": "create", "newState": state(kind, {"metadata": {"name": f"s{n}"}})}
        for n in range(15)
    ]

    lines = explain_changes({"steps": steps})

    assert (lines[0], lines[-1]) == ("+ Service s0", "… 3 more")


def test_a_fault_is_said_with_whom_it_is_for() -> None:
    jason = {"headers": {"end-user": "jason"}, "percent": 100, "delay_seconds": 7}
    everyone = {"everyone": True, "percent": 25, "abort_status": 500}
    lines = [
        explain_changes({"steps": [created(VIRTUAL_SERVICE, route_with(fault))]})
        for fault in (jason, everyone)
    ]

    assert lines == [
        [
            "+ VirtualService ratings, fault-live:"
            " 100 % wait 7000ms, for end-user: jason; then any version 100 %",
            "+ VirtualService ratings, live: any version 100 %",
        ],
        [
            "+ VirtualService ratings, live: 25 % get 500, for everyone; then any version 100 %",
        ],
    ]


def test_a_changed_number_shows_both() -> None:
    """Texts are not shown: they may be long, or secret."""
    kind = "kubernetes:apps/v1:Deployment"
    named = {"metadata": {"name": "reviews-v2"}}
    old = {**named, "spec": {"replicas": 1, "token": "a"}}
    new = {**named, "spec": {"replicas": 3, "token": "b"}}
    diff = {"spec.replicas": {"kind": "update"}, "spec.token": {"kind": "update"}}

    assert explain_changes({"steps": [update(kind, old, new, detailedDiff=diff)]}) == [
        "~ Deployment reviews-v2: spec.replicas 1 → 3, spec.token"
    ]
