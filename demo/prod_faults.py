"""What a fault and a rule of access do in namespace `prod`: to whom they are for, and to nobody else."""

import time
import uuid
from collections import Counter
from dataclasses import replace

import httpx

from demo.bookinfo import PAGE, REVIEWS
from demo.kube import NETWORKING
from demo.prod_hand_over import NAMESPACE
from demo.scene import Check, Finding, Scene

PROD_REVIEWS = replace(REVIEWS, namespace=NAMESPACE, tester=None)
VIEWS = 4
TRIES = 2
"""How often productpage asks reviews before it gives up. Source: samples/bookinfo of Istio 1.31."""
_CALLS = 20
_ASKED = {"ratings": "/ratings/0", "productpage": "/productpage"}


def said(*texts: str) -> Check:
    """What the preview says in words, and in its lines of changes."""

    def look(scene: Scene) -> Finding:
        messages = [d.get("message", "") for d in scene.preview.get("diagnostics", [])]
        told = [*messages, *scene.changes]
        missing = [text for text in texts if not any(text in said for said in told)]
        return Finding("; ".join(texts), tuple(f"it does not say: {text}" for text in missing))

    return Check("preview", look)


def views(user: str, *, reviews: bool) -> Check:
    """The page as a user who has logged in sees it, several times: with reviews, or told that there are none."""

    def look(scene: Scene) -> Finding:
        agent = f"prod-{uuid.uuid4().hex[:8]}"
        before = time.monotonic()
        pages = view(scene.cluster.gateway_url, user, agent)
        seconds = (time.monotonic() - before) / VIEWS
        starred = sum("black" in page and "unavailable" not in page for page in pages)
        asked = scene.inside(NAMESPACE).arrived(PROD_REVIEWS, "v2", "GET", agent)
        wanted = (VIEWS, VIEWS) if reviews else (0, VIEWS * TRIES)
        wrong = () if (starred, asked) == wanted else (f"{wanted} are intended",)
        said = f"{starred} of {VIEWS} pages with black stars, {seconds:.1f} s each"
        return Finding(f"{user}: {said}, reviews asked {asked} times", wrong)

    return Check("page", look)


def without_reviews(user: str) -> Check:
    """The page without reviews, which were never asked: the fault is made by productpage's own proxy."""

    def look(scene: Scene) -> Finding:
        agent = f"prod-{uuid.uuid4().hex[:8]}"
        pages = view(scene.cluster.gateway_url, user, agent)
        told = sum("unavailable" in page for page in pages)
        inside = scene.inside(NAMESPACE)
        asked = sum(inside.arrived(PROD_REVIEWS, v, "GET", agent) for v in ("v1", "v2"))
        wrong = () if (told, asked) == (VIEWS, 0) else (f"{(VIEWS, 0)} are intended",)
        return Finding(
            f"{user}: {told} of {VIEWS} pages without reviews, reviews asked {asked} times", wrong
        )

    return Check("page", look)


def calls(*, allowed: bool) -> Check:
    """What the client pod, which nobody named, is answered, and a caller without a sidecar.

    A connection that a proxy kept has one more answer by the rules of before: they are used up first.
    """

    def look(scene: Scene) -> Finding:
        intended = {"200" if allowed else "403": _CALLS}
        found = {}
        for service, path in _ASKED.items():
            url = f"http://{service}:9080{path}"
            for _ in ("what was kept", "what is judged"):
                answers = scene.inside(NAMESPACE).send_from_client(url, _CALLS, "prod-client")
            found[f"client pod to {service}"] = answers.by_status
        found["no sidecar to ratings"] = _call_without_sidecar(scene)
        wrong = [f"{who}: {intended} is intended" for who, got in found.items() if got != intended]
        return Finding(", ".join(f"{who} {got}" for who, got in found.items()), tuple(wrong))

    return Check("callers", look)


def _call_without_sidecar(scene: Scene) -> dict[str, int]:
    """Answers by status, by way of the API server, which has no identity in the mesh."""
    pod = scene.inside(NAMESPACE).pod("ratings", "v1").name
    path = f"/api/v1/namespaces/{NAMESPACE}/pods/{pod}:9080/proxy{_ASKED['ratings']}"
    answers = [str(scene.kube.client.get(path).status_code) for _ in range(2 * _CALLS)]
    return dict(Counter(answers[_CALLS:]))


def view(gateway: str, user: str, agent: str, times: int = VIEWS, **headers: str) -> list[str]:
    """The page as a user sees it who has logged in, several times; `headers` go with the views alone."""
    with httpx.Client(
        base_url=gateway, headers={"User-Agent": agent}, timeout=30, trust_env=False
    ) as client:
        # Only the form: following its redirect would be a view of the page as well.
        client.post("/login", data={"username": user, "passwd": "any"})
        pages = [client.get(PAGE.path, headers=headers) for _ in range(times)]
    return [page.raise_for_status().text for page in pages]


def routes(*names: str) -> Check:
    """Which VirtualServices there are."""

    def look(scene: Scene) -> Finding:
        path = f"{NETWORKING}/namespaces/{NAMESPACE}/virtualservices"
        found = sorted(item["metadata"]["name"] for item in scene.kube.items(path))
        wrong = () if found == sorted(names) else (f"{', '.join(sorted(names))} are intended",)
        return Finding(", ".join(found), wrong)

    return Check("VirtualServices", look)
