"""The cluster as its administrator sees and changes it, without anything of the program in between."""

from collections.abc import Mapping
from typing import Any

from demo import kube
from demo.kube import NETWORKING, Manifest


class Kube(kube.Kube):
    """The API server, over one connection: what the demo reads, and what a foreign hand writes."""

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
