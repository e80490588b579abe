"""Real requests through real proxies: sent by the meshed client pod or through the gateway, and counted on arrival."""

import json
import uuid
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any

from local_cluster.api import Cluster
from tests.cluster.kube import Kube

COUNTERS = "stand-in/requests"
CONNECTIONS = 4


@dataclass(frozen=True)
class Answers:
    """What came back of a number of requests."""

    sent: int
    failed: int
    """Without an answer, or without a 2xx status."""
    by_status: Mapping[str, int]
    by_version: Mapping[str, int]
    seconds: float = 0.0


def make_tag() -> str:
    """A user agent that nobody else sends."""
    return f"test-{uuid.uuid4().hex[:12]}"


def send(kube: Kube, url: str, count: int = 1, **order: Any) -> Answers:
    """The client pod of Bookinfo sends requests through its own sidecar; `order` has method, headers, body."""
    told = {"url": url, "count": count, "concurrency": CONNECTIONS, **order}
    path = "/api/v1/namespaces/bookinfo/services/sleep:80/proxy/send"
    answer = kube.client.post(path, json=told)
    answer.raise_for_status()
    said = answer.json()
    keys = ("sent", "failed", "by_status", "by_version", "seconds")
    return Answers(**{key: said[key] for key in keys})


def arrived(kube: Kube, namespace: str, service: str, port: int, tag: str) -> dict[str, int]:
    """Requests with the user agent `tag` that reached the pods of a service, copies included, as version and method."""
    counts: Counter[str] = Counter()
    for name, pod in kube.pods(namespace, service).items():
        version = pod["metadata"]["labels"]["version"]
        path = f"/api/v1/namespaces/{namespace}/pods/{name}:{port}/proxy/{COUNTERS}"
        for line in (kube.get(path) or {"requests": []})["requests"]:
            if line["user_agent"] == tag:
                counts[f"{version} {line['method']}"] += line["count"]
    return dict(sorted(counts.items()))


def ask_gateway(
    cluster: Cluster, host: str, count: int, headers: Mapping[str, str] | None = None
) -> Answers:
    """Requests from outside to a host behind the gateway, over a few kept connections."""
    with ThreadPoolExecutor(CONNECTIONS) as executor:
        parts = [count // CONNECTIONS + (i < count % CONNECTIONS) for i in range(CONNECTIONS)]
        asked = list(
            executor.map(lambda part: _ask(cluster.gateway_port, host, part, headers or {}), parts)
        )
    statuses: Counter[str] = sum((status for status, _ in asked), Counter())
    versions: Counter[str] = sum((version for _, version in asked), Counter())
    good = sum(number for status, number in statuses.items() if status.startswith("2"))
    return Answers(count, count - good, dict(statuses), dict(versions))


def _ask(
    port: int, host: str, count: int, headers: Mapping[str, str]
) -> tuple[Counter[str], Counter[str]]:
    statuses: Counter[str] = Counter()
    versions: Counter[str] = Counter()
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    for _ in range(count):
        try:
            connection.request("GET", "/", headers={"Host": host, **headers})
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, HTTPException) as error:
            statuses[repr(error)] += 1
            connection.close()
            continue
        statuses[str(answer.status)] += 1
        if answer.status == 200:
            versions[json.loads(body)["version"]] += 1
    connection.close()
    return statuses, versions
