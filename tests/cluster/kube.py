"""The cluster as its administrator sees it, without anything of the program in between."""

from collections.abc import Iterator, Mapping
from typing import Any, Self

import httpx
import pytest

from local_cluster.api import Cluster, connect

NETWORKING = "/apis/networking.istio.io/v1"
RESTLESS = {"events", "leases", "componentstatuses", "endpoints", "endpointslices"}
"""Kinds that a cluster writes without being asked."""

Manifest = dict[str, Any]


class Kube:
    """The API server, over one connection."""

    def __init__(self, cluster: Cluster) -> None:
        """Connects when first asked."""
        self.client = connect(cluster, timeout_seconds=60)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def get(self, path: str) -> Manifest | None:
        """The object at a path; None where there is none."""
        answer = self.client.get(path)
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        return _content(answer)

    def items(self, path: str, **query: str) -> list[Manifest]:
        """The objects of a list."""
        answer = self.client.get(path, params=query)
        if answer.status_code == httpx.codes.NOT_FOUND:
            return []
        found: list[Manifest] = _content(answer)["items"]
        return found

    def create(self, path: str, manifest: Mapping[str, Any]) -> Manifest:
        """Somebody else's object is there."""
        return _content(self.client.post(path, json=dict(manifest)))

    def delete(self, path: str) -> None:
        """The object is going away."""
        self.client.delete(path).raise_for_status()

    def edit(self, path: str, change: Mapping[str, Any]) -> None:
        """The object is changed as `kubectl edit` would."""
        headers = {"Content-Type": "application/merge-patch+json"}
        query = {"fieldManager": "kubectl-edit"}
        self.client.patch(path, json=dict(change), headers=headers, params=query).raise_for_status()

    def route(self, namespace: str, name: str) -> Manifest | None:
        """A VirtualService."""
        return self.get(route_path(namespace, name))

    def subsets(self, namespace: str, service: str) -> list[str]:
        """The subsets of a service's DestinationRule, by name."""
        rule = self.get(f"{NETWORKING}/namespaces/{namespace}/destinationrules/{service}")
        return [subset["name"] for subset in rule["spec"]["subsets"]] if rule else []

    def deployments(self, namespace: str, app: str) -> dict[str, Manifest]:
        """The Deployments of a service by name."""
        path = f"/apis/apps/v1/namespaces/{namespace}/deployments"
        found = self.items(path, labelSelector=f"app={app}")
        return {item["metadata"]["name"]: item for item in found}

    def pods(self, namespace: str, app: str) -> dict[str, Manifest]:
        """The pods of a service that are not going away, by name."""
        found = self.items(f"/api/v1/namespaces/{namespace}/pods", labelSelector=f"app={app}")
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

    def within(self, namespace: str) -> dict[str, str]:
        """What a release writes in one namespace, and which pods run: changed exactly when somebody wrote.

        Controllers go on writing a Deployment's status, so of those the generation counts.
        """
        written = {
            f"{path.rpartition('/')[2]} {item['metadata']['name']}": item["metadata"][key]
            for path, key in (
                ("/api/v1/{}/services", "resourceVersion"),
                ("/apis/apps/v1/{}/deployments", "generation"),
                (f"{NETWORKING}/{{}}/virtualservices", "resourceVersion"),
                (f"{NETWORKING}/{{}}/destinationrules", "resourceVersion"),
            )
            for item in self.items(path.format(f"namespaces/{namespace}"))
        }
        pods = self.items(f"/api/v1/namespaces/{namespace}/pods")
        here = [pod["metadata"] for pod in pods if "deletionTimestamp" not in pod["metadata"]]
        return written | {f"pods {pod['name']}": pod["uid"] for pod in here}

    def _kinds(self) -> Iterator[tuple[str, str]]:
        groups = _content(self.client.get("/apis"))["groups"]
        for version in ["v1", *(group["preferredVersion"]["groupVersion"] for group in groups)]:
            prefix = f"/apis/{version}" if "/" in version else f"/api/{version}"
            for resource in _content(self.client.get(prefix))["resources"]:
                name = resource["name"]
                if "list" in resource["verbs"] and "/" not in name and name not in RESTLESS:
                    yield f"{resource['kind']}.{version.partition('/')[0]}", f"{prefix}/{name}"


def route_path(namespace: str, name: str = "") -> str:
    """Where a VirtualService is, or all of a namespace."""
    return f"{NETWORKING}/namespaces/{namespace}/virtualservices/{name}".rstrip("/")


def weights_of(route: Manifest | None, rule: str = "live") -> dict[str, int]:
    """Percent by subset in one rule of a VirtualService; empty where there is none."""
    rules = (route or {}).get("spec", {}).get("http", [])
    named: Manifest = next((entry for entry in rules if entry.get("name") == rule), {})
    return {
        entry["destination"]["subset"]: entry.get("weight", 100) for entry in named.get("route", [])
    }


def _content(answer: httpx.Response) -> Manifest:
    if answer.is_error:
        pytest.fail(f"{answer.request.method} {answer.request.url}: {answer.text[:500]}")
    content: Manifest = answer.json()
    return content
