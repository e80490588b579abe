"""One release walked from adoption to rollback under a steady load, and everything seen on the way.

The walk changes and looks; what it has to be is said by the tests that ask it. So each stage costs
one `up`, however many tests there are.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from demo.kube import Manifest
from demo.load import LoadResult
from demo.statistics import sample_size
from tests.builders import a_version
from tests.cluster.configs import environment, reviews
from tests.cluster.kube import Kube, weights_of
from tests.cluster.load import Load
from tests.cluster.stack import Config, Ran, Stack
from tests.cluster.traffic import Answers, arrived, make_tag, send

SHARE_CHECKS = 8
"""How many shares all tests of this folder check together; they have one false-alarm rate."""
REVIEWS = "http://reviews:9080/reviews/0"
POSTS = 200
TESTER_REQUESTS = 50
OTHER_IMAGE = "docker.io/istio/examples-bookinfo-reviews-v2:1.20.2"

STAGES: Mapping[str, Mapping[str, Any]] = {
    "dark": {"stage": "dark"},
    "mirror": {"stage": "mirror"},
    "weighted 10": {"stage": "weighted", "weight": 10},
    "weighted 50": {"stage": "weighted", "weight": 50},
    "promoted": {"stage": "promoted"},
    "rolled_back": {"stage": "rolled_back"},
}
MAY_FOLLOW = {
    "nothing": {"dark", "rolled_back"},
    "dark": {"dark", "mirror", "weighted 10", "rolled_back"},
    "mirror": {"mirror", "weighted 10", "dark", "rolled_back"},
    "weighted 10": {"weighted 10", "weighted 50", "mirror", "dark", "rolled_back"},
    "weighted 50": {"weighted 50", "weighted 10", "promoted", "mirror", "dark", "rolled_back"},
    "promoted": {"promoted", "rolled_back"},
    "rolled_back": {"rolled_back", "dark"},
}
"""Written down a second time, so that a change of the program's table is seen here."""
ILLEGAL = [(at, to) for at, legal in MAY_FOLLOW.items() for to in STAGES if to not in legal]
CHANGED_IN_THE_MIDDLE: Mapping[str, Mapping[str, Any]] = {
    "another canary": {"canary": a_version("v3")},
    "another image": {"canary": {"version": "v2", "image": OTHER_IMAGE}},
    "another stable": {"stable": a_version("v3")},
}
UNDER_WAY = ("mirror", "weighted 10", "weighted 50")
UNFINISHED = ("dark", *UNDER_WAY, "promoted")


@dataclass(frozen=True)
class Seen:
    """What was found at one stage, right after its `up`."""

    nothing_to_do: bool
    """Whether a second run would change nothing."""
    output: Mapping[str, Any]
    route: Manifest | None
    subsets: list[str]
    deployments: Mapping[str, str]
    """Name to uid."""
    pods: Mapping[str, frozenset[str]]
    """Version to names."""
    refused: Mapping[str, Ran]
    """Moves that were asked for and are not legal here, by what they are called."""
    untouched: bool
    """Whether the refused runs left every object as it was."""
    answers: Answers
    arrived: Mapping[str, int]
    testers: Answers


@dataclass
class Walk:
    """Everything that was seen, by stage; `nothing` is before the release."""

    seen: dict[str, Seen] = field(default_factory=dict)
    load: LoadResult = field(default_factory=lambda: LoadResult(0, 0, 0, {}))


def walk_reviews(stack: Stack, kube: Kube, folder: Path) -> Walk:
    """Reviews: adopted at dark with one canary, then another one up to promoted, rolled back, and handed back."""
    walk = Walk()
    with Load(stack.cluster, folder, "/productpage") as load:
        walk.seen["nothing"] = _look("nothing", environment(), stack, kube)
        first = environment(reviews=reviews(stage="dark", **CHANGED_IN_THE_MIDDLE["another image"]))
        stack.up(first)
        walk.seen["another dark"] = _look("another dark", first, stack, kube)
        for name, stage in STAGES.items():
            config = environment(reviews=reviews(**stage))
            stack.up(config)
            walk.seen[name] = _look(name, config, stack, kube)
        stack.up(environment())
        walk.seen["handed back"] = _look("handed back", environment(), stack, kube)
    walk.load = load.result
    return walk


def refusals_at(stage: str) -> dict[str, Config]:
    """What is asked for at a stage, and has to be refused there."""
    asked = {to: environment(reviews=reviews(**STAGES[to])) for at, to in ILLEGAL if at == stage}
    if stage in UNDER_WAY:
        for name, change in CHANGED_IN_THE_MIDDLE.items():
            asked[name] = environment(reviews=reviews(**STAGES[stage], **change))
    if stage in UNFINISHED:
        asked["no entry"] = environment()
    return asked


def _look(stage: str, config: Config, stack: Stack, kube: Kube) -> Seen:
    nothing_to_do = stack.has_nothing_to_do(config)
    before = kube.within("bookinfo")
    refused = {name: stack.preview(asked) for name, asked in refusals_at(stage).items()}
    if stage == "dark":
        config_of = environment(reviews=reviews(**STAGES["weighted 50"]))
        refused["weighted 50 without a preview"] = stack.try_up(config_of)
    untouched = kube.within("bookinfo") == before
    answers, came = _measure(stage, kube)
    return Seen(
        nothing_to_do=nothing_to_do,
        output=stack.outputs()["releases"].get("reviews", {}),
        route=kube.route("bookinfo", "reviews"),
        subsets=kube.subsets("bookinfo", "reviews"),
        deployments={
            name: found["metadata"]["uid"]
            for name, found in kube.deployments("bookinfo", "reviews").items()
        },
        pods=_pods_by_version(kube),
        refused=refused,
        untouched=untouched,
        answers=answers,
        arrived=came,
        testers=send(kube, REVIEWS, TESTER_REQUESTS, headers={"end-user": "jason"}),
    )


def _measure(stage: str, kube: Kube) -> tuple[Answers, dict[str, int]]:
    """Enough requests to tell a share that is wrong by 5 points, and what arrived of them."""
    percent = STAGES.get(stage, {}).get("weight", 0)
    tag = {"User-Agent": make_tag()}
    answers = send(kube, REVIEWS, sample_size(percent, SHARE_CHECKS), headers=tag)
    send(kube, REVIEWS, POSTS, method="POST", headers=tag)
    return answers, _settled(kube, tag["User-Agent"])


def _settled(kube: Kube, tag: str) -> dict[str, int]:
    """Counted until two counts agree: nobody waits for a copy."""
    found, again = arrived(kube, "bookinfo", "reviews", 9080, tag), None
    while found != again:
        time.sleep(0.3)
        found, again = arrived(kube, "bookinfo", "reviews", 9080, tag), found
    return found


def _pods_by_version(kube: Kube) -> dict[str, frozenset[str]]:
    pods = kube.pods("bookinfo", "reviews")
    versions = {name: pod["metadata"]["labels"]["version"] for name, pod in pods.items()}
    return {
        version: frozenset(name for name, of in versions.items() if of == version)
        for version in sorted(set(versions.values()))
    }


def live_weights(seen: Seen) -> dict[str, int]:
    """What the route says of live requests, by subset."""
    return weights_of(seen.route)
