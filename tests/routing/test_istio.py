"""What only Istio's manifests can be asked: rules in their order, matches, mirrors, hosts."""

import json
from copy import deepcopy
from typing import Any

import pytest

from mesh_canary.release import Mirror, plan_release
from mesh_canary.routing import Exposure, Manifest, Route, names
from mesh_canary.routing.istio import (
    make_destination_rule,
    make_exposure,
    make_virtual_services,
)
from mesh_canary.routing.istio_live import read_live
from mesh_canary.settings.ports import PortSettings
from mesh_canary.workloads import make_service
from tests.builders import a_split, at

ROUTE = Route("bookinfo", "reviews", 9080)
PATHS = ("/productpage", "/login")
EXPOSED = Route("bookinfo", "productpage", 9080, exposure=Exposure("in/gateway", ("*",), PATHS))
TESTERS = {"end-user": "jason", "x-canary": "yes"}
STAGES: tuple[int | str, ...] = ("dark", "mirror", 10, 50, "promoted", "rolled_back")


def rules_of(manifest: Manifest) -> dict[str, Any]:
    """The rules of a VirtualService by name, in their order."""
    return {rule["name"]: rule for rule in manifest["spec"]["http"]}


def test_a_subset_is_the_label_version_and_nothing_else() -> None:
    made = make_destination_rule(ROUTE, ("v2", "1.0"))

    assert made["spec"]["subsets"] == [
        {"name": "1-0", "labels": {"version": "1.0"}},
        {"name": "v2", "labels": {"version": "v2"}},
    ]


@pytest.mark.parametrize("stage", STAGES)
def test_every_subset_of_a_route_is_in_the_destination_rule(stage: int | str) -> None:
    plan = plan_release(at(stage, testers=TESTERS))
    subsets = {s["name"] for s in make_destination_rule(ROUTE, plan.subsets)["spec"]["subsets"]}
    (route,) = make_virtual_services(ROUTE, plan.split)
    rules = route["spec"]["http"]
    named = {entry["destination"]["subset"] for rule in rules for entry in rule["route"]}
    named |= {rule["mirror"]["subset"] for rule in rules if "mirror" in rule}

    assert named <= subsets


def test_testers_come_first_then_mirrored_requests_then_everybody() -> None:
    (route,) = make_virtual_services(ROUTE, plan_release(at("mirror", testers=TESTERS)).split)

    assert list(rules_of(route)) == ["testers", "mirrored", "live"]
    assert "match" not in rules_of(route)["live"]


def test_any_of_the_headers_makes_a_tester() -> None:
    (route,) = make_virtual_services(ROUTE, plan_release(at("dark", testers=TESTERS)).split)

    assert rules_of(route)["testers"]["match"] == [
        {"headers": {"end-user": {"exact": "jason"}}},
        {"headers": {"x-canary": {"exact": "yes"}}},
    ]
    assert [e["destination"]["subset"] for e in rules_of(route)["testers"]["route"]] == ["v2"]


def test_only_the_named_methods_are_mirrored_and_the_percentage_is_always_written() -> None:
    (route,) = make_virtual_services(ROUTE, a_split(mirror=Mirror("v2", 100, ("GET", "HEAD"))))
    mirrored, live = rules_of(route)["mirrored"], rules_of(route)["live"]

    assert mirrored["match"] == [{"method": {"exact": "GET"}}, {"method": {"exact": "HEAD"}}]
    assert mirrored["mirrorPercentage"] == {"value": 100}
    assert mirrored["mirror"]["subset"] == "v2"
    assert mirrored["route"] == live["route"]
    assert "mirror" not in live


@pytest.mark.parametrize("stage", STAGES)
def test_a_destination_without_requests_is_left_out(stage: int | str) -> None:
    """Istio drops a destination of weight 0 without a word."""
    (route,) = make_virtual_services(ROUTE, plan_release(at(stage, testers=TESTERS)).split)

    assert all(e["weight"] > 0 for rule in route["spec"]["http"] for e in rule["route"])


def test_behind_the_gateway_every_rule_holds_for_the_exposed_paths_only() -> None:
    split = plan_release(at("mirror", testers=TESTERS)).split
    inside, outside = make_virtual_services(EXPOSED, split)
    rules = rules_of(outside)

    assert outside["spec"]["gateways"] == ["in/gateway"]
    assert outside["spec"]["hosts"] == ["*"]
    assert list(rules) == list(rules_of(inside))
    assert rules["live"]["match"] == [{"uri": {"prefix": path}} for path in PATHS]
    assert len(rules["testers"]["match"]) == len(TESTERS) * len(PATHS)
    assert len(rules["mirrored"]["match"]) == 3 * len(PATHS)
    for rule in rules.values():
        assert all(block["uri"]["prefix"] in PATHS for block in rule["match"])
    for name, rule in rules_of(inside).items():
        assert rules[name]["route"] == rule["route"]


def test_an_app_that_exposes_every_path_matches_none() -> None:
    route = Route("shop", "cart", 8080, exposure=Exposure("in/gateway", ("*",)))
    _, outside = make_virtual_services(route, a_split())

    assert "match" not in outside["spec"]["http"][0]


def test_without_a_release_the_gateway_sends_to_the_service_as_a_whole() -> None:
    (rule,) = make_exposure(EXPOSED)["spec"]["http"]

    assert rule["route"] == [
        {
            "destination": {
                "host": "productpage.bookinfo.svc.cluster.local",
                "port": {"number": 9080},
            }
        }
    ]
    with pytest.raises(ValueError, match="not exposed"):
        make_exposure(ROUTE)


def test_a_destination_names_a_port_that_the_service_has() -> None:
    (route,) = make_virtual_services(ROUTE, a_split())
    service = make_service("bookinfo", "reviews", {"http": PortSettings(port=9080)})
    (port,) = service["spec"]["ports"]

    assert route["spec"]["http"][0]["route"][0]["destination"]["port"]["number"] == port["port"]


@pytest.mark.parametrize("seconds", [0.001, 0.0333, 1.5, 3600])
def test_a_duration_is_one_that_istio_reads(seconds: float) -> None:
    """It takes no fractions, and none below a millisecond."""
    route = Route("bookinfo", "reviews", 9080, timeout_seconds=seconds)
    (made,) = make_virtual_services(route, a_split())
    amount, unit = made["spec"]["http"][0]["timeout"][:-2], made["spec"]["http"][0]["timeout"][-2:]

    assert unit == "ms"
    assert int(amount) >= 1


def another_route(**changes: Any) -> Manifest:
    """A VirtualService that somebody else wrote."""
    spec = {"hosts": ["reviews"], "http": [], **changes}
    return {"metadata": {"name": "by-hand"}, "spec": spec}


@pytest.mark.parametrize(
    "spec",
    [
        {},
        {"hosts": ["reviews.bookinfo.svc.cluster.local"]},
        {"hosts": ["ratings", "reviews"]},
        {"gateways": ["mesh", "in/gateway"]},
    ],
)
def test_another_route_for_the_same_host_is_seen(spec: dict[str, Any]) -> None:
    assert read_live(ROUTE, [another_route(**spec)], ("v1",)).other_routes == ("by-hand",)


@pytest.mark.parametrize("spec", [{"hosts": ["ratings"]}, {"gateways": ["in/gateway"]}])
def test_a_route_for_another_host_or_from_outside_is_none_of_ours(spec: dict[str, Any]) -> None:
    assert read_live(ROUTE, [another_route(**spec)], ("v1",)).other_routes == ()


def test_a_route_of_our_name_without_our_label_is_somebody_elses() -> None:
    theirs = {**another_route(), "metadata": {"name": "reviews", "labels": {"app": "reviews"}}}
    live = read_live(ROUTE, [theirs], ("v1",))

    assert not live.exists
    assert live.other_routes == ("reviews",)


def test_a_route_without_our_note_counts_as_edited() -> None:
    (route,) = make_virtual_services(ROUTE, a_split())
    route["metadata"].pop("annotations")

    assert read_live(ROUTE, [route], ("v1",)).edited_by_hand


@pytest.mark.parametrize(
    "note",
    [
        '{"versions": ["v1"], "weights": {"v1": 100}}',
        "v1=100",
        "[]",
        "1",
        '{"weights": 1}',
        '{"weights": {"v1": "all"}}',
        '{"weights": {}}',
    ],
)
def test_a_note_that_cannot_be_read_counts_as_edited(note: str) -> None:
    (route,) = make_virtual_services(ROUTE, a_split())
    route["metadata"]["annotations"] = {names.ROUTE_NOTE: note}

    assert read_live(ROUTE, [route], ("v1",)).edited_by_hand


def test_a_route_whose_subsets_were_taken_out_counts_as_none() -> None:
    """Requests are spread then as if there were none."""
    (route,) = make_virtual_services(ROUTE, a_split())
    del route["spec"]["http"][0]["route"][0]["destination"]["subset"]

    assert not read_live(ROUTE, [route], ("v1",)).exists


def test_an_edit_of_the_route_behind_the_gateway_is_noticed() -> None:
    """It is the one that users' requests follow."""
    inside, outside = map(deepcopy, make_virtual_services(EXPOSED, a_split()))
    outside["spec"]["http"][0]["route"][0]["destination"]["subset"] = "v2"
    live = read_live(EXPOSED, [inside, outside], ("v1", "v2"))

    assert live.edited_by_hand
    assert live.named == ("v1", "v2")


EDITS: list[dict[str, Any]] = [
    {"timeout": "1ms"},
    {"fault": {"abort": {"httpStatus": 503, "percentage": {"value": 100}}}},
    {"mirror": {"host": "reviews.bookinfo.svc.cluster.local", "subset": "v2"}},
    {"match": [{"headers": {"end-user": {"exact": "jason"}}}]},
    {"name": "somebody-elses"},
]


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("place", [0, 1], ids=["mesh", "gateway"])
def test_an_edit_that_leaves_the_weights_is_noticed(place: int, edit: dict[str, Any]) -> None:
    routes = [*map(deepcopy, make_virtual_services(EXPOSED, a_split()))]
    before = read_live(EXPOSED, deepcopy(routes), ("v1", "v2"))
    routes[place]["spec"]["http"][-1] |= edit
    live = read_live(EXPOSED, routes, ("v1", "v2"))

    assert not before.edited_by_hand
    assert live.rules_edited


@pytest.mark.parametrize("place", [0, 1], ids=["mesh", "gateway"])
@pytest.mark.parametrize("kept", [(1, 2), (2, 0, 1, 2), (1, 0, 2), ()])
def test_rules_taken_out_added_or_in_another_order_are_noticed(
    place: int, kept: tuple[int, ...]
) -> None:
    split = plan_release(at("mirror", testers=TESTERS)).split
    routes = [*map(deepcopy, make_virtual_services(EXPOSED, split))]
    rules = routes[place]["spec"]["http"]
    routes[place]["spec"]["http"] = [rules[number] for number in kept]
    live = read_live(EXPOSED, routes, ("v1", "v2"))

    assert live.rules_edited
    assert live.edited_by_hand == live.exists


def test_the_order_of_keys_is_no_edit() -> None:
    """The cluster gives them back in an order of its own."""
    routes = json.loads(json.dumps(make_virtual_services(EXPOSED, a_split()), sort_keys=True))

    assert not read_live(EXPOSED, routes, ("v1",)).edited_by_hand


def test_the_route_of_an_app_that_a_release_takes_over_is_not_an_edited_one() -> None:
    """A first run was killed before it wrote the one behind the gateway."""
    inside, _ = make_virtual_services(EXPOSED, a_split())

    assert not read_live(EXPOSED, [inside, make_exposure(EXPOSED)], ("v1",)).edited_by_hand


def test_versions_of_a_killed_run_are_read_as_they_were_typed() -> None:
    """Of 1-2 alone nobody could tell whether it was 1.2."""
    (route,) = make_virtual_services(ROUTE, a_split(testers=(("a", "b"),), tester_version="1.2"))

    assert read_live(ROUTE, [route], ("v1",)).named == ("1.2", "v1")


def test_a_write_of_ours_wins_over_an_edit_by_hand() -> None:
    """Or a rollback would fail on the very field that somebody edited."""
    for made in (*make_virtual_services(EXPOSED, a_split()), make_destination_rule(ROUTE, ("v1",))):
        assert made["metadata"]["annotations"]["pulumi.com/patchForce"] == "true"
