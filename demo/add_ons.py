"""Add-ons in a walk: real Prometheus and Zipkin, Grafana and Kiali as objects, each on a host of its own."""

import secrets

from httpx import codes

from demo.bookinfo import PAGE
from demo.prometheus import DOMAIN, reads
from demo.prometheus import HOST as PROMETHEUS_HOST
from demo.scene import Check, Finding, Scene
from demo.service import Target
from demo.story import Chapter
from demo.zipkin import HOST as TRACING_HOST
from local_cluster.api import Progress, run_add_ons

BOOKINFO_CHAIN = frozenset(
    {
        ("istio-ingressgateway", "productpage"),
        ("productpage", "details"),
        ("productpage", "reviews"),
        ("reviews", "ratings"),
    }
)
"""Who calls whom when a version of reviews with stars answers."""
_PRETENDED = ("grafana", "kiali")


def _run(scene: Scene) -> Finding:
    run_add_ons(scene.cluster, Progress())
    return Finding(
        "pods of Prometheus and Zipkin are run; those of Grafana and Kiali are pretended"
    )


def _hosts(scene: Scene) -> Finding:
    """Each add-on answers on its host, and Bookinfo on every other one."""
    asked = {
        "prometheus": Target("/-/ready", PROMETHEUS_HOST),
        "tracing": Target("/health", TRACING_HOST),
        "bookinfo": PAGE,
    }
    answers = {name: scene.look_at(target) for name, target in asked.items()}
    others = {name: scene.look_at(Target("/", f"{name}.{DOMAIN}")) for name in _PRETENDED}
    wrong = [
        f"{n} answers {a.status_code}" for n, a in answers.items() if a.status_code != codes.OK
    ]
    wrong += [f"{n} answers, and nothing runs" for n, a in others.items() if not a.is_server_error]
    pretended = {name: answer.status_code for name, answer in others.items()}
    outputs = scene.outputs()["addons"]
    said = ", ".join(f"{host} 200" for host in (PROMETHEUS_HOST, TRACING_HOST))
    addresses = ", ".join(str(outputs[name]) for name in sorted(outputs))
    return Finding(
        f"{said}; grafana and kiali: pods pretended, {pretended}; outputs: {addresses}",
        tuple(wrong),
    )


RUN_ADD_ONS = Check("real add-ons", _run)
"""For `Story.prepared_by`: fetched once into the cache."""

ADD_ONS_CHAPTER = Chapter(
    "add-ons, each on its own host",
    edits={
        "addons.domain": DOMAIN,
        "addons.prometheus": {"expose": True, "scrape_seconds": 1},
        "addons.tracing": {"expose": True},
        "addons.grafana.expose": True,
        "addons.kiali.expose": True,
        "mesh.trace_sampling_percent": 100,
    },
    secrets={
        "addons.grafana.admin_password": secrets.token_urlsafe(12),
        "addons.kiali.signing_key": secrets.token_hex(16),
    },
    checks=(Check("hosts", _hosts), reads("istiod", "istio-ingressgateway")),
)
"""Switches everything on. Proxies keep the figures of subsets from their start on, so sidecars come after it."""
