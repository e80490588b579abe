"""Linkerd as the program installs it: charts, values, the issuer's Secret, and what pods carry. Reviewed as a whole."""

import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from mesh_canary.settings import read_settings
from stacks.linkerd import explain_expiry
from tests.builders import stack_config
from tests.components.recorder import broken_off, refused, run_program
from tests.components.run import Run, as_held
from tests.components.states import objects_of_example
from tests.examples import ROOT
from tests.golden import assert_golden

GOLDEN = Path(__file__).parent / "golden"
CART = {"image": "docker.io/team/cart:1", "port": 8080}
SHOP = {
    "namespace": "shop",
    "sidecars": ["cart"],
    "workloads": {
        "cart": CART,
        "mail": {"image": "docker.io/team/mail:1", "port": 25},
    },
}
INJECT, TRUST, OPAQUE = "linkerd.io/inject", "mesh-canary/trust", "config.linkerd.io/opaque-ports"


def config(app: dict[str, Any] | None = None, **mesh: Any) -> dict[str, Any]:
    """A stack that installs Linkerd and runs a shop on it; no workload of it is under release."""
    asked = {"kind": "linkerd", "install": True, "version": "2026.8.4", **mesh}
    return stack_config(mesh=asked, apps={"shop": {**SHOP, **(app or {})}}, releases={})


def pods_of(run: Run, workload: str = "cart") -> dict[str, Any]:
    """The annotations of the pods of a workload."""
    (found,) = [r for r in run.of_type("Deployment") if r.name == f"shop-{workload}-v1-deployment"]
    annotations: dict[str, Any] = found.inputs["spec"]["template"]["metadata"].get(
        "annotations", {}
    )
    return annotations


def test_charts_values_certificates_and_objects_are_as_reviewed() -> None:
    run = run_program(
        config(
            viz=True, replicas=2, trust_anchors=["root-1", "root-2"], issuer={"anchor": "root-1"}
        )
    )
    told = {
        f"{r.type} {r.name}": as_held({k: v for k, v in r.inputs.items() if k != "__provider"})
        for r in run.resources
        if "LinkerdMesh" in r.parent
    }

    assert_golden(GOLDEN / "linkerd.yaml", yaml.safe_dump(told, width=120))


def test_charts_come_one_after_the_other_and_apps_after_them() -> None:
    """An app that came before the injector would get no proxy, and nobody would say so."""
    run = run_program(config(viz=True))
    order = [
        "linkerd-namespace",
        "linkerd-crds",
        "linkerd-control-plane",
        "linkerd-viz",
        "shop-cart-v1-deployment",
    ]
    done = [run.done.index(run[name].urn) for name in order]

    assert done == sorted(done)
    assert run["linkerd-identity-issuer"].urn in run["linkerd-control-plane"].dependencies


def test_the_key_of_the_issuer_is_in_its_secret_alone() -> None:
    run = run_program(config(viz=True))
    holders = [
        r.name
        for r in run.resources
        if r.is_object and "key of linkerd-issuer" in yaml.safe_dump(r.inputs)
    ]

    assert holders == []
    assert "tls.key" in run["linkerd-identity-issuer"].inputs["data"]["value"]
    assert "key of" not in yaml.safe_dump([r.inputs for r in run.of_type("Release")])


def test_chosen_workloads_get_the_proxy_and_others_stay_as_they_are() -> None:
    run = run_program(config())

    assert pods_of(run) == {INJECT: "enabled", TRUST: "trust root-1; signed by root-1"}
    assert pods_of(run, "mail") == {}
    assert "annotations" not in run["shop-namespace"].inputs["metadata"]


def test_pitstop_has_the_proxy_where_its_article_has_it() -> None:
    """And nothing that a mesh would write, in the whole stack."""
    objects = objects_of_example(ROOT / "examples" / "pitstop-linkerd.yaml")
    templates = {
        m["metadata"]["name"]: m["spec"]["template"]["metadata"].get("annotations", {})
        for m in objects
        if m["kind"] == "Deployment"
    }
    meshed = {
        name for name, annotations in templates.items() if annotations.get(INJECT) == "enabled"
    }

    assert len(templates) == 13
    assert meshed == {
        "customermanagementapi-1-0",
        "vehiclemanagementapi-1-0",
        "workshopmanagementapi-1-0",
        "webapp-1-0",
    }
    assert not [m["apiVersion"] for m in objects if "istio" in m["apiVersion"]]


def test_the_other_version_of_a_workload_would_have_it_too() -> None:
    """The annotation is the workload's, whichever version runs."""
    other = {"cart": {**CART, "version": "v2"}, "mail": CART}
    found = run_program(config({"workloads": other}))["shop-cart-v2-deployment"]

    assert found.inputs["spec"]["template"]["metadata"]["annotations"][INJECT] == "enabled"


def test_a_whole_namespace_says_so_and_so_does_each_pod() -> None:
    """The pod's annotation makes its Deployment roll; the namespace's is for pods that others put there."""
    run = run_program(config({"sidecars": True}))

    assert run["shop-namespace"].inputs["metadata"]["annotations"] == {INJECT: "enabled"}
    assert INJECT in pods_of(run)
    assert INJECT in pods_of(run, "mail")


def test_nothing_of_istio_is_on_a_namespace_or_a_pod_of_linkerd() -> None:
    run = run_program(config({"sidecars": True}))

    assert "istio" not in yaml.safe_dump([r.inputs for r in run.resources])


def test_a_word_of_the_operator_on_a_workload_wins() -> None:
    workloads = {"cart": {**CART, "annotations": {INJECT: "disabled"}}}
    run = run_program(config({"sidecars": True, "workloads": workloads}))

    assert pods_of(run) == {INJECT: "disabled"}


def test_ports_that_are_not_http_are_passed_on_unread() -> None:
    """Said to the pods' own proxies and, at the Service, to those of their callers; of what has no proxy nothing."""
    ports = {"tcp-amqp": {"port": 5672}, "http-admin": {"port": 15672}}
    broker = {"image": "docker.io/team/broker:1", "ports": ports}
    workloads = {"cart": broker, "mail": broker}
    run = run_program(config({"workloads": workloads}))

    def service(name: str) -> dict[str, Any]:
        found: dict[str, Any] = run[f"shop-{name}-service"].inputs["metadata"]["annotations"]
        return found

    assert pods_of(run)[OPAQUE] == "5672"
    assert service("cart")[OPAQUE] == "5672"
    assert OPAQUE not in service("mail")
    assert pods_of(run, "mail") == {}


def test_users_may_come_by_a_service() -> None:
    run = run_program(config({"expose": {"workload": "cart", "service_type": "LoadBalancer"}}))

    assert run["shop-cart-service"].inputs["spec"]["type"] == "LoadBalancer"
    assert not run.of_type("VirtualService")


def test_where_another_stack_installs_linkerd_pods_are_marked_and_nothing_is_installed() -> None:
    asked = config()
    asked["mesh"] = {"kind": "linkerd", "install": False}
    run = run_program(asked)

    assert pods_of(run) == {INJECT: "enabled"}
    assert not run.of_type("Release")


def test_pods_restart_when_what_they_trust_changes_and_not_when_the_issuer_is_renewed() -> None:
    before = run_program(config())
    renewed = run_program(config(issuer={"number": 2}), before)
    both = run_program(
        config(trust_anchors=["root-1", "root-2"], issuer={"anchor": "root-1"}), renewed
    )

    assert pods_of(renewed) == pods_of(before)
    assert pods_of(both)[TRUST] != pods_of(before)[TRUST]
    assert (
        both["linkerd-control-plane"].inputs["values"]["podAnnotations"][TRUST]
        == pods_of(both)[TRUST]
    )


def test_a_new_anchor_may_not_take_over_at_once() -> None:
    before = run_program(config())
    message, run = refused(config(trust_anchors=["root-2"]), before)

    assert "running pods do not trust yet" in message
    assert not run.resources


def test_a_rotation_that_broke_off_is_finished_before_the_next_one() -> None:
    """The mesh trusts both anchors, and the shop's pods did not come to restart."""
    both: dict[str, Any] = {"trust_anchors": ["root-1", "root-2"]}
    before = run_program(config())
    begun = broken_off(
        config(**both, issuer={"anchor": "root-1"}), before, fails="shop-cart-v1-deployment"
    )
    record = {urn: outputs for urn, outputs in before.outputs.items() if "linkerd-trust" in urn}
    begun.outputs = record | begun.outputs
    begun.resources += [r for r in before.resources if r.name == "linkerd-trust"]
    message, _ = refused(config(**both, issuer={"anchor": "root-2"}), begun)

    assert "running pods do not trust yet" in message

    finished = run_program(config(**both, issuer={"anchor": "root-1"}), begun)

    assert not refused(config(**both, issuer={"anchor": "root-2"}), finished)[0]


def test_a_new_anchor_takes_over_in_three_runs() -> None:
    run = run_program(config())
    for anchors, signer in (
        (["root-1", "root-2"], "root-1"),
        (["root-1", "root-2"], "root-2"),
        (["root-2"], "root-2"),
    ):
        run = run_program(config(trust_anchors=anchors, issuer={"anchor": signer}), run)
        bundle = run["linkerd-control-plane"].inputs["values"]["identityTrustAnchorsPEM"]

        assert bundle == "".join(f"certificate of linkerd-{name}\n" for name in anchors)


@pytest.mark.parametrize(
    ("today", "mesh", "words"),
    [
        ("2027-09-20", {}, ""),
        ("2027-09-22", {}, "expires in 59 days"),
        ("2027-09-22", {"issuer": {"number": 2}}, ""),
        ("2027-11-21", {}, "has expired"),
    ],
)
def test_an_issuer_that_expires_is_told_for_two_months(
    today: str, mesh: dict[str, Any], words: str
) -> None:
    """The certificate of the test's issuer is valid until 2027-11-20."""
    run = run_program(config())
    now = datetime.datetime.fromisoformat(f"{today}T00:00:00+00:00")
    text = explain_expiry(read_settings(config(**mesh)), run.state, now)

    assert words in text
    assert bool(text) == bool(words)
    assert not text or "mesh.issuer.number: 2" in text


def test_values_of_the_stack_file_win() -> None:
    run = run_program(
        config(control_plane_values={"controllerReplicas": 3, "identity": {"externalCA": False}})
    )
    values = run["linkerd-control-plane"].inputs["values"]

    assert values["controllerReplicas"] == 3
    assert values["identity"] == {"externalCA": False, "issuer": {"scheme": "kubernetes.io/tls"}}
