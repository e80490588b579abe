"""Who may call a service: its own sidecars answer everybody else with 403."""

import yaml

from mesh_canary.routing.istio import make_destination_rule
from mesh_canary.routing.istio_access import make_access_policy, principal_of
from mesh_canary.routing.route import Route
from mesh_canary.settings import StackSettings
from stacks.translation import principals_of
from tests.builders import a_stack

BOOKINFO = {
    "namespace": "bookinfo",
    "client": True,
    "access": {
        "ratings": {"from": ["reviews", "sleep"]},
        "productpage": {"from": ["gateway"]},
    },
}


def settings() -> StackSettings:
    """Bookinfo, with ratings for reviews and the client, productpage for the gateway."""
    return a_stack(
        apps={"bookinfo": BOOKINFO},
        gateway={"install": False, "namespace": "edge", "name": "front"},
    )


def test_a_caller_is_known_by_its_service_account() -> None:
    app = settings().apps["bookinfo"]

    assert principals_of(settings(), app, "ratings") == (
        "cluster.local/ns/bookinfo/sa/bookinfo-reviews",
        "cluster.local/ns/bookinfo/sa/sleep",
    )
    assert principals_of(settings(), app, "productpage") == ("cluster.local/ns/edge/sa/front",)
    assert principals_of(settings(), app, "details") == ()


def test_the_policy_is_for_every_version_and_allows_the_named_callers_alone() -> None:
    made = make_access_policy("shop", "cart", (principal_of("shop", "web"),))

    assert made["apiVersion"] == "security.istio.io/v1"
    assert yaml.safe_load(yaml.safe_dump(made["spec"])) == {
        "selector": {"matchLabels": {"app": "cart"}},
        "action": "ALLOW",
        "rules": [{"from": [{"source": {"principals": ["cluster.local/ns/shop/sa/web"]}}]}],
    }


def test_mutual_tls_is_said_of_the_whole_service_and_only_where_it_is_asked_for() -> None:
    route = Route("bookinfo", "reviews", 9080)
    strict = Route("bookinfo", "reviews", 9080, mutual_tls=True)
    made = make_destination_rule(strict, ("v1", "v2"))["spec"]

    assert made.pop("trafficPolicy") == {"tls": {"mode": "ISTIO_MUTUAL"}}
    assert made == make_destination_rule(route, ("v1", "v2"))["spec"]
