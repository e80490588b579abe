"""The canary in namespace `prod`: taken over from kubectl, then reviews v2, a fault for one user, and back."""

import time
import uuid
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import yaml

from demo import by_hand
from demo.bookinfo import PAGE, REVIEWS, REVIEWS_API
from demo.kube import NETWORKING
from demo.scene import Check, Finding, Scene
from demo.setting_up import wait_for_answer
from demo.stack_file import GONE
from demo.story import Chapter, Story

_NAMESPACE = "prod"
_FILE = Path(__file__).parents[2] / "examples" / "prod-canary.yaml"
_APP: dict[str, Any] = yaml.safe_load(_FILE.read_text())["config"]["mesh-canary:apps"]["bookinfo"]
_JASON_WAITS = {"ratings": {"delay_seconds": 7, "percent": 100, "headers": {"end-user": "jason"}}}
_JASON_FAILS = {"reviews": {"abort_status": 500, "percent": 100, "headers": {"end-user": "jason"}}}
_ACCESS = {"ratings": {"from": ["reviews"]}, "productpage": {"from": ["gateway"]}}
_CALLS = 20
_ASKED = {"ratings": "/ratings/0", "productpage": "/productpage"}
_FAULT = "Requests for ratings with end-user: jason wait 7 s"
_TAGS = {"project": "bookinfo", "env": "prod"}
_VIEWS = 4
_TRIES = 2
"""How often productpage asks reviews before it gives up. Source: samples/bookinfo of Istio 1.31."""

PROD_REVIEWS = replace(REVIEWS, namespace=_NAMESPACE, tester=None)


def _apply_by_hand(scene: Scene) -> Finding:
    """Somebody applies Bookinfo; it answers before the program knows of it."""
    gateway = "istio-ingress/istio-ingressgateway"
    by_hand.apply(scene.cluster, by_hand.make_bookinfo(_NAMESPACE, gateway))
    wait_for_answer(scene.cluster.gateway_url, PAGE)
    pods = scene.kube.pods(_NAMESPACE)
    scene.notes["uids"] = _uids(scene)
    return Finding(
        f"{len(pods)} pods, each with a sidecar: {all(map(_has_sidecar, pods.values()))}"
    )


def _orphan(scene: Scene) -> Finding:
    """The way out that the refusal named: the Deployment goes, its pods stay and serve."""
    name = f"{by_hand.ODD}-v1"
    arguments = ("-n", _NAMESPACE, "delete", "deployment", name, "--cascade=orphan")
    by_hand.kubectl(scene.cluster, *arguments)
    del scene.notes["uids"][name]
    return Finding(f"kubectl {' '.join(arguments)}")


def _taken_over(scene: Scene) -> Finding:
    """The Deployments are the same objects and ours, tagged, and no pod of before is left."""
    found = {d["metadata"]["name"]: d for d in _deployments(scene)}
    replaced = [n for n, uid in scene.notes["uids"].items() if found[n]["metadata"]["uid"] != uid]
    foreign = [
        n for n, d in found.items() if "app.kubernetes.io/managed-by" not in d["metadata"]["labels"]
    ]
    wrong = [f"{name} was replaced" for name in replaced]
    wrong += [f"{name} is not ours" for name in foreign]
    return Finding(f"{', '.join(sorted(found))}: the same objects, ours now", tuple(wrong))


def _remove_their_route(scene: Scene) -> Finding:
    """Two routes said the same; ours is left."""
    by_hand.kubectl(scene.cluster, "-n", _NAMESPACE, "delete", "virtualservice", "bookinfo")
    return Finding("the gateway's route that was applied by hand is deleted")


def _tagged(scene: Scene) -> Finding:
    """Every pod has the tags as labels and as annotations, and its version among these."""
    pods = scene.kube.pods(_NAMESPACE)
    wrong = [name for name, pod in pods.items() if not _has_tags(pod["metadata"])]
    shown = ", ".join(f"{key}={value}" for key, value in _TAGS.items())
    return Finding(
        f"{len(pods) - len(wrong)} of {len(pods)} pods: {shown}",
        tuple(f"{name} lacks tags" for name in wrong),
    )


def _has_tags(metadata: dict[str, Any]) -> bool:
    labels, annotations = metadata["labels"], metadata["annotations"]
    versioned = bool(annotations.get("version") == labels.get("version"))
    return _TAGS.items() <= labels.items() and _TAGS.items() <= annotations.items() and versioned


def _said(*texts: str) -> Check:
    """What the preview says in words, and in its lines of changes."""

    def look(scene: Scene) -> Finding:
        messages = [d.get("message", "") for d in scene.preview.get("diagnostics", [])]
        told = [*messages, *scene.changes]
        missing = [text for text in texts if not any(text in said for said in told)]
        return Finding("; ".join(texts), tuple(f"it does not say: {text}" for text in missing))

    return Check("preview", look)


def _views(user: str, *, reviews: bool) -> Check:
    """The page as a user who has logged in sees it, several times: with reviews, or told that there are none."""

    def look(scene: Scene) -> Finding:
        agent = f"prod-{uuid.uuid4().hex[:8]}"
        before = time.monotonic()
        pages = _view(scene.cluster.gateway_url, user, agent)
        seconds = (time.monotonic() - before) / _VIEWS
        starred = sum("black" in page and "unavailable" not in page for page in pages)
        asked = scene.inside(_NAMESPACE).arrived(PROD_REVIEWS, "v2", "GET", agent)
        wanted = (_VIEWS, _VIEWS) if reviews else (0, _VIEWS * _TRIES)
        wrong = () if (starred, asked) == wanted else (f"{wanted} are intended",)
        said = f"{starred} of {_VIEWS} pages with black stars, {seconds:.1f} s each"
        return Finding(f"{user}: {said}, reviews asked {asked} times", wrong)

    return Check("page", look)


def _without_reviews(user: str) -> Check:
    """The page without reviews, which were never asked: the fault is made by productpage's own proxy."""

    def look(scene: Scene) -> Finding:
        agent = f"prod-{uuid.uuid4().hex[:8]}"
        pages = _view(scene.cluster.gateway_url, user, agent)
        told = sum("unavailable" in page for page in pages)
        inside = scene.inside(_NAMESPACE)
        asked = sum(inside.arrived(PROD_REVIEWS, v, "GET", agent) for v in ("v1", "v2"))
        wrong = () if (told, asked) == (_VIEWS, 0) else (f"{(_VIEWS, 0)} are intended",)
        return Finding(
            f"{user}: {told} of {_VIEWS} pages without reviews, reviews asked {asked} times", wrong
        )

    return Check("page", look)


def _calls(*, allowed: bool) -> Check:
    """What the client pod, which nobody named, is answered, and a caller without a sidecar.

    A connection that a proxy kept has one more answer by the rules of before: they are used up first.
    """

    def look(scene: Scene) -> Finding:
        intended = {"200" if allowed else "403": _CALLS}
        found = {}
        for service, path in _ASKED.items():
            url = f"http://{service}:9080{path}"
            for _ in ("what was kept", "what is judged"):
                answers = scene.inside(_NAMESPACE).send_from_client(url, _CALLS, "prod-client")
            found[f"client pod to {service}"] = answers.by_status
        found["no sidecar to ratings"] = _call_without_sidecar(scene)
        wrong = [f"{who}: {intended} is intended" for who, got in found.items() if got != intended]
        return Finding(", ".join(f"{who} {got}" for who, got in found.items()), tuple(wrong))

    return Check("callers", look)


def _call_without_sidecar(scene: Scene) -> dict[str, int]:
    """Answers by status, by way of the API server, which has no identity in the mesh."""
    pod = scene.inside(_NAMESPACE).pod("ratings", "v1").name
    path = f"/api/v1/namespaces/{_NAMESPACE}/pods/{pod}:9080/proxy{_ASKED['ratings']}"
    answers = [str(scene.kube.client.get(path).status_code) for _ in range(2 * _CALLS)]
    return dict(Counter(answers[_CALLS:]))


def _view(gateway: str, user: str, agent: str) -> list[str]:
    with httpx.Client(
        base_url=gateway,
        headers={"User-Agent": agent},
        timeout=30,
        follow_redirects=True,
        trust_env=False,
    ) as client:
        # Only the form: following its redirect would be a view of the page as well.
        client.post("/login", data={"username": user, "passwd": "any"}, follow_redirects=False)
        return [client.get(PAGE.path).raise_for_status().text for _ in range(_VIEWS)]


def _routes(*names: str) -> Check:
    """Which VirtualServices there are."""

    def look(scene: Scene) -> Finding:
        path = f"{NETWORKING}/namespaces/{_NAMESPACE}/virtualservices"
        found = sorted(item["metadata"]["name"] for item in scene.kube.items(path))
        wrong = () if found == sorted(names) else (f"{', '.join(sorted(names))} are intended",)
        return Finding(", ".join(found), wrong)

    return Check("VirtualServices", look)


def _deployments(scene: Scene) -> list[dict[str, Any]]:
    return scene.kube.items(f"/apis/apps/v1/namespaces/{_NAMESPACE}/deployments")


def _uids(scene: Scene) -> dict[str, str]:
    return {d["metadata"]["name"]: d["metadata"]["uid"] for d in _deployments(scene)}


def _has_sidecar(pod: dict[str, Any]) -> bool:
    spec = pod["spec"]
    return any(
        c["name"] == "istio-proxy" for c in [*spec["containers"], *spec.get("initContainers", [])]
    )


STORY = Story(
    name="prod-canary",
    summary="reviews v2 in namespace prod: taken over from kubectl, 10 %, all, a fault for one user, and back",
    starts_with={"apps": {}},
    chapters=(
        Chapter("somebody's Bookinfo", before=(Check("kubectl", _apply_by_hand),)),
        Chapter(
            "what cannot be taken over: refused",
            edits={"apps.bookinfo": _APP},
            refused=(f"Deployment {by_hand.ODD}-v1 in namespace prod", "--cascade=orphan"),
            loads=(REVIEWS_API, PAGE),
        ),
        Chapter(
            "taken over",
            edits={"apps.bookinfo": _APP},
            shares={"v1": 100},
            before=(Check("kubectl", _orphan),),
            checks=(
                _said("Deployment reviews-v1 in namespace prod is there already"),
                Check("Deployments", _taken_over),
                Check("tags", _tagged),
                Check("kubectl", _remove_their_route),
            ),
        ),
        Chapter(
            "dark",
            {"stage": "dark"},
            {"v1": 100, "v2": 0},
            called_directly="v2",
            checks=(Check("tags", _tagged),),
        ),
        Chapter("weighted 10", {"stage": "weighted", "canary_weight": 10}, {"v1": 90, "v2": 10}),
        Chapter(
            "weighted 10, and 500 for jason",
            edits={"apps.bookinfo.faults": _JASON_FAILS},
            shares={"v1": 90, "v2": 10},
            checks=(
                _said("Requests for reviews with end-user: jason are answered with 500"),
                _without_reviews("jason"),
                _routes("productpage-gateway", "reviews"),
            ),
        ),
        Chapter(
            "v2 only",
            {"stage": "promoted"},
            {"v1": 0, "v2": 100},
            edits={"apps.bookinfo.faults": GONE},
            checks=(_views("jason", reviews=True),),
        ),
        Chapter(
            "only reviews may call ratings",
            edits={"apps.bookinfo.access": _ACCESS},
            shares={"v1": 0, "v2": 100},
            before=(_calls(allowed=True),),
            checks=(_calls(allowed=False), _views("mary", reviews=True)),
        ),
        Chapter(
            "everybody may call again",
            edits={"apps.bookinfo.access": GONE},
            checks=(_calls(allowed=True),),
            back=True,
        ),
        Chapter(
            "7 s for jason",
            edits={"apps.bookinfo.faults": _JASON_WAITS},
            shares={"v1": 0, "v2": 100},
            checks=(
                _said(_FAULT, "fault-live: 100 % wait 7000ms, for end-user: jason"),
                _views("jason", reviews=False),
                _views("mary", reviews=True),
                _routes("productpage-gateway", "ratings", "reviews"),
            ),
        ),
        Chapter(
            "no fault any more",
            edits={"apps.bookinfo.faults": GONE},
            shares={"v1": 0, "v2": 100},
            checks=(
                _said("- VirtualService ratings"),
                _views("jason", reviews=True),
                _routes("productpage-gateway", "reviews"),
            ),
            back=True,
        ),
        Chapter("rolled back", {"stage": "rolled_back"}, {"v1": 100, "v2": 0}, back=True),
    ),
    service=PROD_REVIEWS,
    loads=(),
    sets_up="mesh and gateway",
    answers_first="nobody yet",
)
