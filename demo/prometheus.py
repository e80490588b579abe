"""Prometheus as a walk asks it: through the gateway, by the host that the stack file gives it."""

import json
import time
from typing import Any
from urllib.parse import urlencode

from demo.gateway_requests import ask
from demo.scene import Check, Finding, Scene
from demo.service import Service, Target
from demo.statistics import acceptance_region, display_interval
from mesh_canary.metrics import ENVOY, read_by_version
from mesh_canary.metrics import Target as Asked

DOMAIN = "demo.example"
HOST = f"prometheus.{DOMAIN}"
_REQUESTS = 2400
_SCRAPES = 3
"""How many readings are waited for after the last request: the last one may have begun before it."""
_KNOWN_SECONDS = 30


def query(scene: Scene, text: str) -> str:
    """Prometheus's answer to an instant query, as JSON. Raises httpx.HTTPStatusError where it refuses."""
    answer = scene.look_at(Target(f"/api/v1/query?{urlencode({'query': text})}", HOST))
    answer.raise_for_status()
    return answer.text


def samples_of(answer: str) -> list[tuple[dict[str, str], float]]:
    """Labels and number of everything in an answer."""
    result: list[dict[str, Any]] = json.loads(answer)["data"]["result"]
    return [(sample["metric"], float(sample["value"][1])) for sample in result]


def reads(*apps: str) -> Check:
    """Whether Prometheus reads the pods of these apps, by their label `app`."""

    def look(scene: Scene) -> Finding:
        deadline = time.monotonic() + _KNOWN_SECONDS
        while True:  # a pod is known with the next discovery, and read with the next scrape
            found = samples_of(query(scene, 'up{job=~"pods|proxies"}'))
            up = {labels.get("app", "") for labels, value in found if value == 1}
            missing = [app for app in apps if app not in up]
            if not missing or time.monotonic() > deadline:
                break
            time.sleep(1)
        wrong = (f"not read: {', '.join(missing)}",) if missing else ()
        return Finding(f"{len(found)} pods are read: {', '.join(sorted(up))}", wrong)

    return Check("Prometheus reads", look)


def shows(service: Service, shares: dict[str, float], checks: int = 10) -> Check:
    """Whether the traffic by version is in Prometheus as intended, asked as a verdict on a release would.

    `checks`: how many judgements of shares the walk has; they divide its false-alarm rate.
    """

    def look(scene: Scene) -> Finding:
        began = time.monotonic()
        every = int(scene.file.value_at("addons.prometheus.scrape_seconds") or 15)
        time.sleep(every + 1)  # figures begin with a reading before the first request
        sent = ask(scene.cluster.gateway_url, service, _REQUESTS, "demo-prometheus")
        time.sleep(_SCRAPES * every)
        window = int(time.monotonic() - began) + 1
        target = Asked(service.namespace, service.name, service.port)
        versions = tuple(shares)
        counted = read_by_version(ENVOY, versions, query(scene, ENVOY.requests(target, window)))
        failed = read_by_version(ENVOY, versions, query(scene, ENVOY.failures(target, window)))
        slow = read_by_version(ENVOY, versions, query(scene, ENVOY.latency(target, window, 0.95)))
        wrong = _judge(shares, counted, sent.answered, checks)
        if any(failed.values()):
            wrong.append(f"5xx by version: {failed}")
        said = ", ".join(
            f"{v} {_interval(counted, v)}, 95 % within {slow.get(v, 0):.0f} ms" for v in counted
        )
        return Finding(f"by Envoy's figures of the last {window} s: {said}", tuple(wrong))

    return Check("Prometheus", look)


def _judge(
    shares: dict[str, float], counted: dict[str, float], answered: int, checks: int
) -> list[str]:
    total = round(sum(counted.values()))
    wrong = []
    if total < answered:
        wrong.append(f"{total} requests are known, {answered} were answered")
    for version, percent in shares.items():
        region = acceptance_region(percent, total, checks)
        if round(counted.get(version, 0)) not in region:
            wrong.append(
                f"{version} {counted.get(version, 0):.0f} of {total}; {percent:g} % are intended"
            )
    return wrong


def _interval(counted: dict[str, float], version: str) -> str:
    total = round(sum(counted.values()))
    least, most = display_interval(min(round(counted[version]), total), total)
    return f"{100 * counted[version] / total:.1f} % of {total} ({least:.1f}-{most:.1f})"
