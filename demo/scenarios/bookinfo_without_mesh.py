"""Bookinfo without a mesh: reviews v2 is called while it is dark, joins as one of four pods, takes over, and goes."""

from collections import Counter
from dataclasses import replace
from typing import Any

from demo.bookinfo import REVIEWS, REVIEWS_API
from demo.scene import Check, Finding, Scene
from demo.story import Chapter, Story

SERVICES = ("productpage", "details", "ratings", "reviews")
PODS = 3
NAMESPACE = "bookinfo"

THROUGH_THE_PAGE = replace(REVIEWS_API, kept_connections=False)
HERE = replace(REVIEWS, asked=THROUGH_THE_PAGE, tester=None, from_inside=True, new_connections=True)
"""reviews, asked by the client pod with a connection per request: a connection stays at its pod."""


def _endpoints(scene: Scene, service: str) -> list[str]:
    """The pods that a Service sends requests to."""
    path = f"/apis/discovery.k8s.io/v1/namespaces/{NAMESPACE}/endpointslices"
    slices = scene.kube.items(path, labelSelector=f"kubernetes.io/service-name={service}")
    return sorted(
        endpoint["targetRef"]["name"]
        for part in slices
        for endpoint in part.get("endpoints") or ()
        if endpoint["conditions"]["ready"]
    )


def _all_there(scene: Scene) -> Finding:
    """Three pods of every service, each with its one container ready, and as many endpoints."""
    said, wrong = [], []
    for service in SERVICES:
        pods = scene.kube.pods(NAMESPACE, service)
        ready = Counter(_ready(pod) for pod in pods.values())
        endpoints = _endpoints(scene, service)
        said.append(f"{service} {len(pods)} pods, {len(endpoints)} endpoints")
        if ready != {"1/1": PODS} or endpoints != sorted(pods):
            wrong.append(f"{service}: {dict(ready)}, endpoints {endpoints}")
    return Finding(f"{'; '.join(said)}; all 1/1", tuple(wrong))


def _ready(pod: dict[str, Any]) -> str:
    """Ready containers of all, as kubectl shows them: 1/1."""
    statuses = pod["status"].get("containerStatuses", ())
    return f"{sum(status['ready'] for status in statuses)}/{len(pod['spec']['containers'])}"


def _load_balancer(scene: Scene) -> Finding:
    """Users reach productpage by a LoadBalancer of its own."""
    service = scene.kube.get(f"/api/v1/namespaces/{NAMESPACE}/services/productpage") or {}
    kind = service["spec"]["type"]
    given = service["status"]["loadBalancer"].get("ingress", ())
    address = given[0].get("ip", "") if given else ""
    wrong = () if kind == "LoadBalancer" and address else ("productpage has no load balancer",)
    return Finding(f"productpage is a {kind} at {address}, port 80", wrong)


def _counted(**intended: int) -> Check:
    """Whether the Service of reviews has so many endpoints of each version."""

    def look(scene: Scene) -> Finding:
        names = _endpoints(scene, "reviews")
        found = {version: _of(names, version) for version in ("v1", "v2")}
        said = f"{len(names)} endpoints: {', '.join(f'{n} of {v}' for v, n in found.items())}"
        wrong = () if found == {"v1": 0, "v2": 0, **intended} else (f"{intended} are intended",)
        return Finding(said, wrong)

    return Check("endpoints", look)


def _of(names: list[str], version: str) -> int:
    return sum(name.startswith(f"reviews-{version}-") for name in names)


def _remembered(scene: Scene) -> Finding:
    """Keeps which pods run, for the check after the edit."""
    scene.notes["pods"] = pods = sorted(scene.kube.pods(NAMESPACE, "reviews"))
    return Finding(f"{_of(pods, 'v1')} of v1, {_of(pods, 'v2')} of v2")


def _stayed(scene: Scene) -> Finding:
    """Of v1 at most some went or came; none of its pods gave way to another one."""
    before = {name for name in scene.notes["pods"] if _of([name], "v1")}
    now = {name for name in scene.kube.pods(NAMESPACE, "reviews") if _of([name], "v1")}
    wrong = ("pods of v1 were replaced",) if before - now and now - before else ()
    return Finding(f"{len(before & now)} pods of v1 are the ones from before", wrong)


def _started_anew(scene: Scene) -> Finding:
    """Joining is a label of the pod template."""
    before = {name for name in scene.notes["pods"] if _of([name], "v2")}
    now = {name for name in scene.kube.pods(NAMESPACE, "reviews") if _of([name], "v2")}
    wrong = ("a dark pod of v2 is there still",) if before & now else ()
    return Finding(f"{len(now)} pods of v2, all started to join", wrong)


REMEMBERED = Check("pods", _remembered)
STAYED = Check("pods of v1", _stayed)

_REFUSED = (
    Chapter(
        "a tenth of four pods: refused",
        {"stage": "dark", "steps": [10, 50]},
        refused=(
            "releases.reviews.steps[0]: 10 - 3 + 1 of at most 4 pods come nearest and give 25 %",
            "25 is the nearest weight that these pods give (3 + 1); max_pods: 10 allows 9 + 1 pods",
        ),
    ),
    Chapter(
        "testers: refused",
        {"stage": "dark", "testers": {"end-user": "jason"}},
        refused=("releases.reviews.testers - without a mesh nothing reads a header",),
    ),
)

_WALK = (
    Chapter(
        "dark",
        {"stage": "dark"},
        {"v1": 100, "v2": 0},
        called_directly="v2",
        before=(REMEMBERED,),
        checks=(STAYED, _counted(v1=3)),
    ),
    Chapter(
        "mirror: refused",
        {"stage": "mirror", "mirror_percent": 100},
        refused=("releases.reviews.stage: mirror - without a mesh nothing copies a request",),
    ),
    Chapter(
        "joins: 3 + 1",
        {"stage": "weighted", "canary_weight": 25},
        {"v1": 75, "v2": 25},
        before=(REMEMBERED,),
        checks=(STAYED, Check("pods of v2", _started_anew), _counted(v1=3, v2=1)),
    ),
    Chapter(
        "scaled: 2 + 2",
        {"canary_weight": 50},
        {"v1": 50, "v2": 50},
        before=(REMEMBERED,),
        checks=(STAYED, _counted(v1=2, v2=2)),
    ),
    Chapter(
        "scaled: 1 + 3",
        {"canary_weight": 75},
        {"v1": 25, "v2": 75},
        before=(REMEMBERED,),
        checks=(STAYED, _counted(v1=1, v2=3)),
    ),
    Chapter(
        "takes over: 0 + 3",
        {"stage": "promoted"},
        {"v1": 0, "v2": 100},
        checks=(_counted(v2=3),),
    ),
    Chapter(
        "rolled back: 3 + 0",
        {"stage": "rolled_back"},
        {"v1": 100, "v2": 0},
        checks=(_counted(v1=3),),
        back=True,
    ),
)

STORY = Story(
    name="bookinfo-without-mesh",
    summary="Bookinfo without a mesh: reviews v2 joins as one pod of four, takes over, and goes again",
    chapters=(*_REFUSED, *_WALK),
    service=HERE,
    loads=(THROUGH_THE_PAGE,),
    sets_up="Bookinfo, three pods of every service, without a mesh",
    answers_first="reviews v1",
    first_checks=(Check("pods", _all_there), Check("load balancer", _load_balancer)),
)
