"""The API server as its administrator sees it, without anything of the program in between."""

from collections.abc import Iterator, Mapping
from typing import Any, Self

import httpx

from local_cluster.api import Cluster, connect

NETWORKING = "/apis/networking.istio.io/v1"
RESTLESS = {"events", "leases", "componentstatuses", "endpoints", "endpointslices"}
"""Kinds that a cluster writes without being asked."""

Manifest = dict[str, Any]


class Kube:
    """The API server, over one connection. Whatever it refuses is a RuntimeError with its own words."""

    def __init__(self, cluster: Cluster) -> None:
        """Connects when first asked."""
        self.client = connect(cluster, timeout_seconds=60)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """The connection is closed."""
        self.client.close()

    def get(self, path: str) -> Manifest | None:
        """The object at a path; None where there is none."""
        answer = self.client.get(path)
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        return content_of(answer)

    def items(self, path: str, **query: str) -> list[Manifest]:
        """The objects of a list; none where there is no such list."""
        answer = self.client.get(path, params=query)
        if answer.status_code == httpx.codes.NOT_FOUND:
            return []
        found: list[Manifest] = content_of(answer)["items"]
        return found

    def create(self, path: str, manifest: Mapping[str, Any]) -> Manifest:
        """Somebody else's object is there: `path` is that of its kind."""
        return content_of(self.client.post(path, json=dict(manifest)))

    def delete(self, path: str) -> None:
        """The object is going away."""
        self.client.delete(path).raise_for_status()

    def deployments(self, namespace: str, app: str) -> dict[str, Manifest]:
        """The Deployments of a service by name."""
        path = f"/apis/apps/v1/namespaces/{namespace}/deployments"
        found = self.items(path, labelSelector=f"app={app}")
        return {item["metadata"]["name"]: item for item in found}

    def pods(self, namespace: str, app: str = "") -> dict[str, Manifest]:
        """The pods of a service, or of the namespace, that are not going away, by name."""
        query = {"labelSelector": f"app={app}"} if app else {}
        found = self.items(f"/api/v1/namespaces/{namespace}/pods", **query)
        here = [item for item in found if "deletionTimestamp" not in item["metadata"]]
        return {item["metadata"]["name"]: item for item in here}

    def everything(self) -> dict[str, str]:
        """Every object of every kind, as path to resourceVersion; without what never rests."""
        versions = {}
        for kind, path in self._kinds():
            for item in self.items(path):
                meta = item["metadata"]
                name = "/".join(filter(None, (meta.get("namespace"), meta["name"])))
                versions[f"{kind} {name}"] = meta["resourceVersion"]
        return versions

    def _kinds(self) -> Iterator[tuple[str, str]]:
        groups = content_of(self.client.get("/apis"))["groups"]
        for version in ["v1", *(group["preferredVersion"]["groupVersion"] for group in groups)]:
            prefix = f"/apis/{version}" if "/" in version else f"/api/{version}"
            for resource in content_of(self.client.get(prefix))["resources"]:
                name = resource["name"]
                if "list" in resource["verbs"] and "/" not in name and name not in RESTLESS:
                    yield f"{resource['kind']}.{version.partition('/')[0]}", f"{prefix}/{name}"


def content_of(answer: httpx.Response) -> Manifest:
    """The object in an answer. Raises RuntimeError with what the server says against it."""
    if answer.is_error:
        message = f"{answer.request.method} {answer.request.url}: {answer.text[:500]}"
        raise RuntimeError(message)
    content: Manifest = answer.json()
    return content
