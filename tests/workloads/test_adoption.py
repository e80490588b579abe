"""What somebody else made under a name of ours: taken over where Kubernetes lets us, refused where it never will."""

from copy import deepcopy
from typing import Any

import pytest

from mesh_canary.routing.route import Manifest
from mesh_canary.workloads.adoption import check_adoption, explain_adoption, is_ours
from stacks.translation import version_args
from tests.builders import a_stack, a_version

KEY = "releases.reviews"
BY_KUBECTL = {
    "name": "reviews-v1",
    "namespace": "bookinfo",
    "labels": {"app": "reviews", "version": "v1"},
    "managedFields": [{"manager": "kubectl-client-side-apply"}],
}


def ours() -> Manifest:
    """The Deployment of reviews v1 as we write it."""
    settings = a_stack()
    release = settings.releases["reviews"]
    return version_args(settings.apps["bookinfo"], "reviews", release.stable)["manifests"][0]


def theirs(**changes: Any) -> Manifest:
    """The sample's own: no probes, no resources, the labels of ours."""
    labels = {"app": "reviews", "version": "v1"}
    container = {"name": "reviews", "image": a_version("v1")["image"]}
    spec = {
        "replicas": 1,
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
    }
    return {"metadata": deepcopy(BY_KUBECTL), "spec": {**spec, **changes}}


def test_a_deployment_with_our_label_is_ours() -> None:
    assert is_ours(ours())
    assert not is_ours(theirs())
    assert not is_ours({"metadata": {"labels": None}})


def test_a_deployment_of_the_samples_shape_is_taken_over() -> None:
    assert check_adoption(KEY, ours(), theirs()) == []
    assert explain_adoption(ours(), theirs()) == (
        "Deployment reviews-v1 in namespace bookinfo is there already, by kubectl-client-side-apply: this run takes it"
        " over, its pods are replaced one by one, and it is ours from then on"
    )


def test_pods_and_images_that_become_others_are_named() -> None:
    found = theirs(replicas=3)
    found["spec"]["template"]["spec"]["containers"][0]["image"] = "example.com/reviews:9"

    assert explain_adoption(ours(), found).endswith(
        f"; 3 replicas become 1; image example.com/reviews:9 becomes {a_version('v1')['image']}"
    )


def test_the_pods_of_an_autoscaler_are_not_ours_to_say() -> None:
    wanted = ours()
    del wanted["spec"]["replicas"]

    assert explain_adoption(wanted, theirs(replicas=3)).endswith("ours from then on")


@pytest.mark.parametrize(
    ("selector", "said"),
    [
        ({"matchLabels": {"app": "reviews"}}, "app=reviews;"),
        (
            {"matchLabels": {"app": "reviews"}, "matchExpressions": [{"key": "version"}]},
            "app=reviews, by expressions;",
        ),
        ({"matchLabels": {"app": "r", "version": "v1"}}, "app=r, version=v1;"),
    ],
)
def test_another_selector_is_refused_with_a_way_that_keeps_its_pods(
    selector: Manifest, said: str
) -> None:
    (problem,) = check_adoption(KEY, ours(), theirs(selector=selector))

    assert f"selects {said} ours selects app=reviews, version=v1" in problem.rule
    assert "--cascade=orphan" in problem.hint
