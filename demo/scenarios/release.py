"""Bookinfo's reviews: v1 to v2 from dark to promoted, then v2 to v3, stopped at 10 % and rolled back."""

from typing import Any

from demo.bookinfo import PAGE, REVIEWS, REVIEWS_API
from demo.story import Chapter, Story

_IMAGE = "docker.io/istio/examples-bookinfo-reviews-{}:1.20.3"


def _version(version: str) -> dict[str, Any]:
    return {"version": version, "image": _IMAGE.format(version)}


_FIRST = (
    Chapter(
        "dark",
        {"stage": "dark"},
        {"v1": 100, "v2": 0},
        testers_see="v2",
        called_directly="v2",
    ),
    Chapter(
        "mirror 100",
        {"stage": "mirror", "mirror_percent": 100},
        {"v1": 100, "v2": 0},
        testers_see="v2",
        copies_to="v2",
    ),
    Chapter(
        "weighted 10",
        {"stage": "weighted", "canary_weight": 10},
        {"v1": 90, "v2": 10},
        testers_see="v2",
    ),
    Chapter("weighted 50", {"canary_weight": 50}, {"v1": 50, "v2": 50}, testers_see="v2"),
    Chapter("promoted", {"stage": "promoted"}, {"v1": 0, "v2": 100}, testers_see="v2"),
)

_SECOND = (
    Chapter(
        "dark",
        {"stable": _version("v2"), "canary": _version("v3"), "stage": "dark"},
        {"v2": 100, "v3": 0},
        testers_see="v3",
        called_directly="v3",
    ),
    Chapter(
        "weighted 10",
        {"stage": "weighted", "canary_weight": 10},
        {"v2": 90, "v3": 10},
        testers_see="v3",
    ),
    Chapter(
        "rolled back",
        {"stage": "rolled_back"},
        {"v2": 100, "v3": 0},
        testers_see="v2",
        back=True,
    ),
)

STORY = Story(
    name="release",
    summary="reviews v1 to v2, dark to promoted; then v3, rolled back at 10 %",
    chapters=(*_FIRST, *_SECOND),
    service=REVIEWS,
    loads=(REVIEWS_API,),
    sets_up="mesh, gateway and Bookinfo",
    answers_first="reviews v1",
    looked_at=PAGE,
    template="Pulumi.dev.yaml",
)
