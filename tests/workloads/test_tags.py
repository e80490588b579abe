"""The operator's tags on pods and objects."""

from copy import deepcopy
from typing import Any

from mesh_canary.workloads import make_namespace, make_service_account, with_tags
from stacks.translation import version_args
from tests.builders import a_stack

TAGS = {"project": "shop", "env": "prod"}


def reviews() -> dict[str, Any]:
    """The workload of reviews v2."""
    settings = a_stack()
    release = settings.releases["reviews"]
    args = version_args(settings.apps["bookinfo"], "reviews", release.canary)
    return {**args, "beside": [make_service_account("bookinfo", "bookinfo-reviews")]}


def test_tags_are_labels_and_annotations_of_pods_and_the_version_is_among_the_annotations() -> None:
    template = with_tags(reviews(), TAGS)["manifests"][0]["spec"]["template"]["metadata"]

    assert template["labels"] == {"app": "reviews", "version": "v2", **TAGS}
    assert template["annotations"] == {"version": "v2", **TAGS}


def test_every_object_is_tagged_and_keeps_what_it_has() -> None:
    made = with_tags(reviews(), TAGS)
    for tagged, plain in zip(
        [*made["manifests"], *made["beside"]],
        [*reviews()["manifests"], *reviews()["beside"]],
        strict=True,
    ):
        assert TAGS.items() <= tagged["metadata"]["labels"].items()
        assert TAGS.items() <= tagged["metadata"]["annotations"].items()
        assert plain["metadata"]["labels"].items() <= tagged["metadata"]["labels"].items()
        assert plain["metadata"]["annotations"].items() <= tagged["metadata"]["annotations"].items()


def test_what_a_deployment_selects_has_no_tags() -> None:
    """It could never be changed again."""
    before, after = reviews()["manifests"][0], with_tags(reviews(), TAGS)["manifests"][0]

    assert after["spec"]["selector"] == before["spec"]["selector"]


def test_without_tags_nothing_changes() -> None:
    """Or a new version of the program would restart every pod."""
    assert with_tags(reviews(), {}) == reviews()


def test_what_a_workload_says_itself_wins() -> None:
    made = with_tags(make_namespace("prod", sidecars=True), {"istio-injection": "disabled"})

    assert made["metadata"]["labels"]["istio-injection"] == "enabled"


def test_the_manifests_that_are_handed_in_stay_as_they_are() -> None:
    given = reviews()
    before = deepcopy(given)
    with_tags(given, TAGS)

    assert given == before
