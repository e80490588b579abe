"""Hello-Mirroring: v2 gets a copy of what v1 answers; users see v1 alone, and no write is written twice."""

import uuid

import httpx

from demo.access_log import read_lines, read_written
from demo.kube import NETWORKING
from demo.scene import Check, Finding, Scene
from demo.service import Service, Target
from demo.stack_file import GONE
from demo.story import Chapter, Story

_NAMESPACE = "hello-mirroring"
_APP = "istio-mirroring-app"
_REQUESTS = 200
_EVERY_METHOD = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]
_V1 = {"v1": 100, "v2": 0}

MIRRORED = Service(
    name=_APP,
    namespace=_NAMESPACE,
    asked=Target("/mirroring"),
    port=8080,
    own_path="/mirroring",
    release="mirroring",
    client=False,
)


def _send(scene: Scene, method: str, agent: str) -> int:
    """Requests to `/mirroring`, each with a path of its own; how many v1 answered."""
    address, headers = scene.cluster.gateway_url, {"User-Agent": agent}
    with httpx.Client(base_url=address, headers=headers, timeout=10, trust_env=False) as client:
        answers = [client.request(method, f"/mirroring?n={n}") for n in range(_REQUESTS)]
    return sum(answer.is_success and answer.json()["version"] == "v1" for answer in answers)


def _copied(method: str, *, copied: bool = True) -> Check:
    """Whether v2's access log has v1's lines one for one: methods, paths and request ids; or none of them."""

    def look(scene: Scene) -> Finding:
        place, agent = scene.cluster.place, f"mirroring-{uuid.uuid4().hex[:8]}"
        by_v1 = _send(scene, method, agent)
        live = read_written(place, _NAMESPACE, f"{_APP}-v1", agent, _REQUESTS)
        copies = read_written(place, _NAMESPACE, f"{_APP}-v2", agent, _REQUESTS if copied else 0)
        wrong = []
        if by_v1 != _REQUESTS:
            wrong.append(f"v1 answered {by_v1} of {_REQUESTS}")
        if live.total() != _REQUESTS:
            wrong.append(f"v1's log has {live.total()} lines")
        if copies != (live if copied else {}):
            wrong.append(
                f"{(live - copies).total()} lines are missing, {(copies - live).total()} too many"
            )
        said = f"{copies.total()} of v1's {live.total()} lines are in v2's, by method, path and request id"
        return Finding(f"{_REQUESTS} {method}s, all answered by v1; {said}", tuple(wrong))

    return Check(f"access logs, {method}", look)


def _log_is_empty(scene: Scene) -> Finding:
    lines = {
        v: len(read_lines(scene.cluster.place, _NAMESPACE, f"{_APP}-{v}")) for v in ("v1", "v2")
    }
    wrong = () if lines["v1"] and not lines["v2"] else ("v1's log fills, v2's stays empty",)
    return Finding(f"v1 {lines['v1']} lines, v2 {lines['v2']}", wrong)


def _policy(mode: str | None) -> Check:
    """Whether the DestinationRule asks for mutual TLS of that mode; None: it says nothing of it."""

    def look(scene: Scene) -> Finding:
        rule = scene.kube.get(f"{NETWORKING}/namespaces/{_NAMESPACE}/destinationrules/{_APP}") or {}
        policy = rule.get("spec", {}).get("trafficPolicy")
        wanted = {"tls": {"mode": mode}} if mode else None
        wrong = () if policy == wanted else (f"{wanted} is intended",)
        return Finding(f"trafficPolicy {policy}", wrong)

    return Check("DestinationRule", look)


STORY = Story(
    name="hello-mirroring",
    summary="v2 gets a copy of every request; writes are copied only where the stack file says so twice",
    chapters=(
        Chapter("dark", {"stage": "dark"}, _V1, checks=(Check("access logs", _log_is_empty),)),
        Chapter(
            "mirror 100",
            {"stage": "mirror"},
            _V1,
            copies_to="v2",
            checks=(_copied("GET"), _copied("POST", copied=False)),
        ),
        Chapter(
            "every method, said once: refused",
            {"mirror_methods": _EVERY_METHOD},
            refused=("mirror_methods: [POST, PUT, PATCH, DELETE]", "mirror_writes: true"),
        ),
        Chapter(
            "every method",
            {"mirror_methods": _EVERY_METHOD, "mirror_writes": True},
            _V1,
            copies_to="v2",
            posts_are_copied=True,
            checks=(_copied("POST"), _copied("DELETE")),
        ),
        Chapter(
            "mutual TLS without sidecars: refused",
            {"mutual_tls": True},
            edits={"apps.mirroring.sidecars": False},
            refused=("releases.mirroring.mutual_tls: true", "have no sidecar"),
        ),
        Chapter(
            "mutual TLS",
            {"mutual_tls": True},
            _V1,
            copies_to="v2",
            posts_are_copied=True,
            checks=(_policy("ISTIO_MUTUAL"), _copied("GET")),
        ),
        Chapter(
            "safe methods again, no mutual TLS",
            {"mutual_tls": GONE, "mirror_methods": GONE, "mirror_writes": GONE},
            _V1,
            copies_to="v2",
            checks=(_policy(None), _copied("GET"), _copied("POST", copied=False)),
            back=True,
        ),
        Chapter(
            "dark again",
            {"stage": "dark"},
            _V1,
            checks=(_copied("GET", copied=False),),
            back=True,
        ),
    ),
    service=MIRRORED,
    loads=(MIRRORED.asked,),
    sets_up="mesh, gateway and the app",
    answers_first="istio-mirroring-app v1",
)
