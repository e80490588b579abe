"""What is asked of the cluster from the inside: pods, what arrived at them, requests by the client pod.

Everything goes through the API server's own proxies, so nothing here needs an address in the
cluster. That way leads past every route of the mesh, and what is asked for is not counted.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from demo.service import Service
from local_cluster.api import Cluster, connect

_COUNTERS = "stand-in/requests"
_SETTLE_SECONDS = 5.0
"""How long copies may take: a proxy sends them beside the live request, and nobody waits for them."""
QUIET_SECONDS = 0.3
"""Copies that arrive after their number was right would show within this time."""


@dataclass(frozen=True)
class Pod:
    """One running pod of a version."""

    name: str
    address: str


@dataclass(frozen=True)
class Sent:
    """What the client pod says of the requests it was told to send."""

    sent: int
    failed: int
    by_status: dict[str, int]
    by_version: dict[str, int]
    errors: tuple[str, ...]
    seconds: float


class Inside:
    """One namespace of the cluster, as its administrator sees it."""

    def __init__(self, cluster: Cluster, namespace: str) -> None:
        """Connects when first asked."""
        path = f"/api/v1/namespaces/{namespace}"
        self._client = connect(cluster, timeout_seconds=60, path=path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """The connection is closed."""
        self._client.close()

    def pods(self, service: str, version: str) -> list[Pod]:
        """The pods of one version that are not going away."""
        query = {"labelSelector": f"app={service},version={version}"}
        items = self._get("/pods", query)["items"]
        here = [item for item in items if "deletionTimestamp" not in item["metadata"]]
        return [Pod(i["metadata"]["name"], i["status"].get("podIP", "")) for i in here]

    def pod(self, service: str, version: str) -> Pod:
        """One pod of a version. Raises RuntimeError where there is none."""
        for pod in self.pods(service, version):
            return pod
        message = f"no pod of {service} {version} runs"
        raise RuntimeError(message)

    def arrived(self, service: Service, version: str, method: str, user_agent: str) -> int:
        """How many requests with this method and user agent the pods of a version have answered."""
        counts = 0
        for pod in self.pods(service.name, version):
            path = f"/pods/{pod.name}:{service.port}/proxy/{_COUNTERS}"
            for line in self._get(path)["requests"]:
                if line["method"] == method and line["user_agent"] == user_agent:
                    counts += line["count"]
        return counts

    def arrived_settled(
        self, service: Service, versions: Iterable[str], user_agent: str, expected: dict[str, int]
    ) -> dict[str, int]:
        """GETs that arrived by version, read again until copies had time to come in.

        Ends early once the numbers are those expected and stay so for a moment; otherwise it
        returns what there is after `_SETTLE_SECONDS`.
        """
        deadline = time.monotonic() + _SETTLE_SECONDS
        while True:
            found = {v: self.arrived(service, v, "GET", user_agent) for v in versions}
            right = all(found[v] >= expected.get(v, 0) for v in found)
            if right or time.monotonic() > deadline:
                break
            time.sleep(0.1)
        time.sleep(QUIET_SECONDS)
        return {v: self.arrived(service, v, "GET", user_agent) for v in found}

    def stars(self, service: Service, version: str) -> str | None:
        """The colour of the stars in the answer of one pod of a version; None where it has none."""
        pod = self.pod(service.name, version)
        answer = self._get(f"/pods/{pod.name}:{service.port}/proxy{service.own_path}")
        ratings = [review.get("rating") for review in answer["reviews"]]
        if not all(ratings):
            return None
        return str(ratings[0].get("color", ratings[0].get("error")))

    def send_from_client(self, url: str, count: int, user_agent: str, **order: Any) -> Sent:
        """The client pod sends requests, through its own sidecar where it has one.

        `order`: method, body, headers, new_connections (one per request), timeout_seconds.
        """
        headers = {"User-Agent": user_agent, **order.pop("headers", {})}
        order = {"url": url, "count": count, "concurrency": 4, "headers": headers, **order}
        answer = self._client.post("/services/sleep:80/proxy/send", json=order)
        answer.raise_for_status()
        said = answer.json()
        keys = ("sent", "failed", "by_status", "by_version", "seconds")
        return Sent(**{key: said[key] for key in keys}, errors=tuple(said["errors"]))

    def _get(self, path: str, query: dict[str, str] | None = None) -> dict[str, Any]:
        answer = self._client.get(path, params=query)
        answer.raise_for_status()
        content: dict[str, Any] = answer.json()
        return content
