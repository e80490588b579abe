"""The router without a mesh: pods that serve and pods that do not, and what somebody else made of them."""

from dataclasses import replace

import pytest

from mesh_canary.release import Deployed, check_pods, check_transition
from mesh_canary.release.live_pods import shares_of
from mesh_canary.routing import ROUTERS, Manifest, Route
from mesh_canary.routing.deployments import read_deployed
from mesh_canary.routing.kubernetes import read_live, read_note
from mesh_canary.routing.names import POD_NOTE, SERVES
from tests.builders import a_budget, an_image
from tests.routing.written import asked, read_back, written

KUBERNETES = ROUTERS["kubernetes"]
ROUTE = Route("bookinfo", "reviews", 9080)


def deployments(stage: int | str) -> dict[str, Manifest]:
    """The Deployments of a stage by version."""
    made = written(KUBERNETES, asked(KUBERNETES, stage)).workloads
    return {m["metadata"]["labels"]["version"]: m for m in made if m["kind"] == "Deployment"}


def service(**selector: str) -> Manifest:
    """The Service of reviews as the cluster holds it."""
    return {"metadata": {"name": "reviews"}, "spec": {"selector": {"app": "reviews", **selector}}}


@pytest.mark.parametrize(
    ("stage", "pods"),
    [
        ("dark", {"v1": (3, "true"), "v2": (1, "false")}),
        (10, {"v1": (9, "true"), "v2": (1, "true")}),
        (50, {"v1": (2, "true"), "v2": (2, "true")}),
        ("promoted", {"v1": (0, "true"), "v2": (3, "true")}),
        ("rolled_back", {"v1": (3, "true")}),
    ],
)
def test_each_stage_says_how_many_pods_serve(
    stage: int | str, pods: dict[str, tuple[int, str]]
) -> None:
    found = {
        version: (m["spec"]["replicas"], m["spec"]["template"]["metadata"]["labels"][SERVES])
        for version, m in deployments(stage).items()
    }

    assert found == pods


def test_pods_drain_before_they_stop() -> None:
    """kube-proxy hears later than the pod."""
    (container,) = deployments("dark")["v1"]["spec"]["template"]["spec"]["containers"]

    assert container["lifecycle"] == {"preStop": {"sleep": {"seconds": 5}}}


def test_pods_of_stable_are_the_same_at_every_stage() -> None:
    """A changed template would start them anew."""
    stages: tuple[int | str, ...] = ("dark", 10, 50, "promoted", "rolled_back")
    templates = [deployments(stage)["v1"]["spec"]["template"] for stage in stages]

    assert all(template == templates[0] for template in templates)


def test_a_canary_changes_by_its_label_alone() -> None:
    dark, joined = (deployments(stage)["v2"]["spec"]["template"] for stage in ("dark", 10))
    dark["metadata"]["labels"][SERVES] = "true"

    assert dark == joined


@pytest.mark.parametrize("text", ["", "no JSON", "{}", "[]", '{"pods": 1}'])
def test_a_note_that_we_cannot_have_written_is_none(text: str) -> None:
    assert read_note(text) is None


def test_a_dark_canary_that_somebody_joined_is_told() -> None:
    found = deployments("dark")
    found["v2"]["spec"]["template"]["metadata"]["labels"][SERVES] = "true"
    live = read_live(ROUTE, [], (), read_deployed(found.values(), "reviews"))

    assert live.weights == {"v1": 75, "v2": 25}
    assert live.explain_change(None) == (
        "pods were changed by somebody else: v2 serves (we wrote otherwise)"
    )


def test_deployments_of_an_interrupted_run_were_changed_by_nobody() -> None:
    """Each is as its own note says; the notes are of different runs."""
    before, after = deployments(10), deployments(50)
    found = [before["v1"], after["v2"]]
    live = read_live(ROUTE, [], (), read_deployed(found, "reviews"))

    assert not live.edited_by_hand
    assert live.weights == {"v1": 82, "v2": 18}
    assert live.says == "pods behind the Service: v1 9, v2 2"


def test_deployments_without_a_note_are_an_apps_own() -> None:
    found = deployments("rolled_back")
    del found["v1"]["metadata"]["annotations"][POD_NOTE]
    live = read_live(ROUTE, [], (), read_deployed(found.values(), "reviews"))

    assert live.weights == {"v1": 100}
    assert not live.edited_by_hand


def test_a_version_that_is_kept_without_a_pod_is_not_missing_any() -> None:
    live = read_back(KUBERNETES, written(KUBERNETES, asked(KUBERNETES, "promoted")))

    assert live.unready("v1") == ""
    assert live.unready("v2") == "v2 has 0 of 3 pods ready"


@pytest.mark.parametrize(
    ("status", "ready"),
    [
        ({}, 0),
        ({"readyReplicas": 3}, 3),
        ({"replicas": 3, "updatedReplicas": 3, "readyReplicas": 2}, 2),
        ({"replicas": 2, "updatedReplicas": 1, "readyReplicas": 1}, 0),
        ({"replicas": 4, "updatedReplicas": 2, "readyReplicas": 4}, 2),
    ],
)
def test_pods_of_an_older_template_are_not_counted_as_ready(
    status: dict[str, int], ready: int
) -> None:
    """A canary that does not get ready after it joined: its dark pod is ready still."""
    found = {**deployments(10)["v2"], "status": status}

    assert read_deployed([found], "reviews")[0].ready == ready


def test_a_service_that_selects_every_pod_is_no_ground_for_a_release() -> None:
    """An app that another stack set up for a mesh: a dark canary would get requests."""
    release = asked(KUBERNETES, 10)
    made = read_deployed(deployments("dark").values(), "reviews")
    ready = tuple(replace(d, ready=d.wanted) for d in made)
    plan = written(KUBERNETES, asked(KUBERNETES, "dark")).plan

    def refusal(selector: Manifest) -> list[str]:
        live = read_live(ROUTE, [selector], (), ready)
        return [p.key for p in check_transition("reviews", release, plan.record, live, {})]

    assert refusal(service(**{SERVES: "true"})) == []
    assert refusal(service()) == ["releases.reviews.service"]


def test_a_version_that_serves_goes_by_a_rollback_only() -> None:
    live = read_live(ROUTE, [], (), (Deployed("v7", an_image("v7"), 1, 1),))

    (problem,) = check_pods("reviews", asked(KUBERNETES, "dark"), live, a_budget(max_pods=10))
    assert problem.rule == "v7 is behind the Service, and the release has no v7"
    assert check_pods("reviews", asked(KUBERNETES, "rolled_back"), live, a_budget()) == []


@pytest.mark.parametrize(
    ("serving", "shares"),
    [
        ({}, {}),
        ({"v1": 3}, {"v1": 100}),
        ({"v1": 9, "v2": 5}, {"v1": 64, "v2": 36}),
        ({"v1": 2, "v2": 1}, {"v1": 67, "v2": 33}),
        ({"v1": 99, "v2": 99, "v3": 1}, {"v1": 49, "v2": 50, "v3": 1}),
    ],
)
def test_shares_are_whole_and_sum_to_100(serving: dict[str, int], shares: dict[str, int]) -> None:
    assert shares_of(serving) == shares
