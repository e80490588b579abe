"""What the cluster is asked for before a run, and what becomes of its answer."""

from collections.abc import Set
from typing import Any

import pytest

from mesh_canary.release import Deployed
from mesh_canary.routing import names
from mesh_canary.settings import StackSettings
from stacks import live_routes
from stacks.live_routes import LiveRoutes, Routes, deployed
from tests.builders import a_record, a_stack, an_image


def deployment(version: str, service: str = "reviews", **changes: Any) -> dict[str, Any]:
    """A Deployment of ours as the cluster shows it, with one pod wanted and none ready."""
    labels = {**names.MANAGED_BY, "app": service, "version": version}
    containers = [
        {"name": "istio-proxy", "image": "docker.io/istio/proxyv2:1.31.0"},
        {"name": service, "image": an_image(version)},
    ]
    spec = {"replicas": 1, "template": {"spec": {"containers": containers}}}
    return {"metadata": {"labels": labels}, "spec": spec, **changes}


def of(*found: dict[str, Any]) -> Routes:
    """What the namespace bookinfo holds, and nothing of routes."""
    return Routes({"bookinfo": []}, {"bookinfo": list(found)}, strangers={"bookinfo": []})


def test_a_version_is_read_with_its_image_and_its_pods() -> None:
    two = deployment("v2", status={"readyReplicas": 1})
    two["spec"]["replicas"] = 2

    assert deployed(of(two, deployment("v1", status={})), "bookinfo", "reviews") == (
        Deployed("v1", an_image("v1"), 0, 1),
        Deployed("v2", an_image("v2"), 1, 2),
    )


def test_a_deployment_that_says_nothing_of_replicas_wants_one() -> None:
    bare = deployment("v1")
    del bare["spec"]["replicas"]

    assert deployed(of(bare), "bookinfo", "reviews") == (Deployed("v1", an_image("v1"), 0, 1),)


def test_deployments_of_other_services_and_without_a_version_are_left_out() -> None:
    client = deployment("v1")
    del client["metadata"]["labels"]["version"]

    assert deployed(of(deployment("v1", "ratings"), client), "bookinfo", "reviews") == ()


def test_namespaces_of_the_file_and_of_the_records_are_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[Set[str]] = []

    def read(_settings: StackSettings, namespaces: Set[str]) -> Routes:
        asked.append(namespaces)
        return of()

    monkeypatch.setattr(live_routes, "_read", read)
    elsewhere = {"cart": a_record(namespace="shop", service="cart")}

    set_up = frozenset({"bookinfo"})

    assert LiveRoutes(a_stack(), elsewhere, set_up).wait() == of()
    assert LiveRoutes(a_stack(releases={}), elsewhere, set_up).wait() == of()
    assert LiveRoutes(a_stack(releases={}), elsewhere, frozenset()).wait() == of()
    assert asked == [{"bookinfo", "shop"}, {"shop"}, {"bookinfo", "shop"}]


def test_a_stack_without_releases_asks_nothing_once_its_namespaces_are_set_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live_routes, "_read", None)

    assert LiveRoutes(a_stack(releases={}), {}, {"bookinfo"}).wait() == Routes({}, {})


def test_what_somebody_else_made_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    theirs, ours = {"metadata": {"name": "reviews-v1"}}, deployment("v1")
    found = {"VirtualService": [], "Deployment": [theirs, ours]}
    monkeypatch.setattr("lightkube.Client", lambda **_: None)
    monkeypatch.setattr("lightkube.KubeConfig.from_file", lambda _path: {"local": None})
    monkeypatch.setattr(live_routes, "_list", lambda _client, _version, kind, _name: found[kind])
    routes = live_routes._read(a_stack(), {"bookinfo"})

    assert routes.deployments == {"bookinfo": [ours]}
    assert routes.strangers == {"bookinfo": [theirs]}


def test_a_kubeconfig_that_is_not_there_is_no_answer() -> None:
    settings = a_stack(cluster={"context": "local", "kubeconfig": "/nowhere/kubeconfig"})
    routes = live_routes._read(settings, {"bookinfo"})

    assert routes.by_namespace == {}
    assert "/nowhere/kubeconfig" in routes.unanswered


def test_every_namespace_is_asked_for_routes_and_deployments(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With `~` in the kubeconfig's path, as an operator writes it."""
    asked: list[tuple[str, str, str]] = []

    def list_objects(
        _client: Any, api_version: str, kind: str, namespace: str
    ) -> list[dict[str, Any]]:
        asked.append((api_version, kind, namespace))
        return []

    monkeypatch.setattr("lightkube.Client", lambda **_: None)
    monkeypatch.setattr("lightkube.KubeConfig.from_file", lambda _path: {"local": None})
    monkeypatch.setattr(live_routes, "_list", list_objects)

    routes = live_routes._read(a_stack(), {"bookinfo"})

    assert routes == of()
    assert asked == [
        ("networking.istio.io/v1", "VirtualService", "bookinfo"),
        ("apps/v1", "Deployment", "bookinfo"),
    ]
