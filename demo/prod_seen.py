"""A fault as Prometheus and Zipkin see it, by version.

In production neither is exposed: they are asked through the API server, as `kubectl port-forward` does.
"""

import json
import secrets
import time
import uuid
from urllib.parse import quote

import httpx

from demo.prod_faults import PROD_REVIEWS, TRIES, VIEWS, view
from demo.prometheus import samples_of
from demo.scene import Check, Finding, Scene
from demo.zipkin import Chain, Traced, service_of
from mesh_canary.routing import names

_ADD_ONS = "mesh-addons"
_GIVEN_UP = "envoy_cluster_upstream_cx_destroy_local_with_active_rq"
_PROMETHEUS, _ZIPKIN = "prometheus:9090", "zipkin:9411"
_SCRAPES_SECONDS = 4.0
"""Readings are a second apart: the last one that began before a request is over by then."""
_ARRIVE_SECONDS = 30.0
"""A proxy sends its spans every 5 s. Source: Envoy 1.40, tracing.zipkin.flush_interval_ms."""


def prometheus_sees(user: str, *, given_up: bool) -> Check:
    """How many requests to reviews their caller gave up, by version, while the user looks at the page."""

    def look(scene: Scene) -> Finding:
        time.sleep(_SCRAPES_SECONDS)  # what an earlier check gave up is counted by then
        before = _given_up(scene)
        view(scene.cluster.gateway_url, user, f"prod-{uuid.uuid4().hex[:8]}")
        time.sleep(_SCRAPES_SECONDS)
        after = _given_up(scene)
        found = {v: round(n - before.get(v, 0)) for v, n in after.items() if n > before.get(v, 0)}
        wanted = {"v2": VIEWS * TRIES} if given_up else {}
        wrong = () if found == wanted else (f"{wanted} is intended",)
        said = ", ".join(f"{n} to {version}" for version, n in found.items()) or "none"
        return Finding(f"{user}: requests to reviews given up by productpage: {said}", wrong)

    return Check("Prometheus", look)


def _given_up(scene: Scene) -> dict[str, float]:
    """Requests to reviews since the proxies began that their caller gave up, by subset."""
    host = names.host_of(PROD_REVIEWS.name, PROD_REVIEWS.namespace)
    text = f'sum by (cluster_name) ({_GIVEN_UP}{{cluster_name=~".*[|]{host}"}})'
    answer = _ask(scene, _PROMETHEUS, f"/api/v1/query?query={quote(text)}").raise_for_status()
    return {labels["cluster_name"].split("|")[2]: n for labels, n in samples_of(answer.text)}


def zipkin_sees(user: str, chain: Chain, *, reviews_asked: int) -> Check:
    """Who calls whom for one view of the page by the user, and how often which version of reviews was asked."""

    def look(scene: Scene) -> Finding:
        found = _trace(scene, user, frozenset(callee for _, callee in chain), reviews_asked)
        asked = [s for s in found.spans if s.get("kind") == "SERVER" and service_of(s) == "reviews"]
        versions = [span["tags"].get("istio.canonical_revision") for span in asked]
        wrong = []
        if found.chain != chain:
            wrong.append(f"{_arrows(found.chain)}; intended is {_arrows(chain)}")
        if versions != ["v2"] * reviews_asked:
            wrong.append(f"v2 is to be asked {reviews_asked} times")
        times = ", ".join(f"{span['duration'] / 1e6:.1f} s" for span in asked)
        return Finding(f"{user}: {_arrows(found.chain)}; reviews {versions}, {times}", tuple(wrong))

    return Check("Zipkin", look)


def _trace(scene: Scene, user: str, callees: frozenset[str], reviews_asked: int) -> Traced:
    """One view of the page with a trace id of its own, once the spans that are waited for are there, or too long."""
    trace_id = secrets.token_hex(16)
    ids = {"x-b3-traceid": trace_id, "x-b3-spanid": secrets.token_hex(8), "x-b3-sampled": "1"}
    view(scene.cluster.gateway_url, user, "prod-traced", 1, **ids)
    deadline = time.monotonic() + _ARRIVE_SECONDS
    while True:
        answer = _ask(scene, _ZIPKIN, f"/api/v2/trace/{trace_id}")
        spans = tuple(json.loads(answer.text)) if answer.is_success else ()
        servers = [service_of(span) for span in spans if span.get("kind") == "SERVER"]
        whole = callees <= {*servers} and servers.count("reviews") >= reviews_asked
        if whole or time.monotonic() > deadline:
            return Traced(trace_id, httpx.codes.OK, spans)
        time.sleep(0.5)


def _ask(scene: Scene, service: str, path: str) -> httpx.Response:
    where = f"/api/v1/namespaces/{_ADD_ONS}/services/{service}/proxy"
    return scene.kube.client.get(f"{where}{path}")


def _arrows(chain: Chain) -> str:
    return ", ".join(f"{caller} → {callee}" for caller, callee in sorted(chain)) or "nothing"
