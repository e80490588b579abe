"""Kubernetes alone, without a mesh: no route is written, pods carry the weights.

How Kubernetes treats what we ask of it (1.36; Source: Services, "Virtual IPs and Service proxies"; EndpointSlices):
kube-proxy gives each new connection to one of the ready pods that the Service selects, in iptables mode at random with
equal chances, so a version gets its part of the pods; a connection that is kept keeps its pod. A pod that is told to
stop is no ready endpoint any more. Nothing reads or copies a request, so there are no testers and no mirror.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from mesh_canary.release import Deployed, LiveRoute, TrafficSplit, VersionPods
from mesh_canary.release.live_pods import live_pods
from mesh_canary.release.live_route import PodNote
from mesh_canary.routing import names
from mesh_canary.routing.route import Manifest, Route

SERVICE = ("v1", "Service")
REASONS = {
    "mirror": (
        "without a mesh nothing copies a request: a Service hands each connection to one pod",
        "leave stage mirror out and call the dark canary at its pod's address; or describe a mesh under `mesh`",
    ),
    "testers": (
        "without a mesh nothing reads a header: a Service hands connections to any of its pods",
        "leave testers out and call the dark canary at its pod's address; or describe a mesh under `mesh`",
    ),
}
"""Why it cannot, and what can be done instead."""

Object = Mapping[str, Any]


def make_no_subsets(_: Route, __: tuple[str, ...]) -> tuple[Manifest, ...]:
    """Nothing: versions are told apart by their Deployments."""
    return ()


def make_no_routes(_: Route, __: TrafficSplit) -> tuple[Manifest, ...]:
    """Nothing: the Service sends requests to whatever has joined."""
    return ()


def make_note(split: TrafficSplit, pods: tuple[VersionPods, ...], version: str) -> dict[str, str]:
    """The annotation for the Deployment of `version`: what we wrote there, and which weights all the pods are for."""
    own = next(p for p in pods if p.version == version)
    said = {
        "replicas": own.replicas,
        "joined": own.joined,
        "pods": {p.version: p.serving for p in pods if p.serving},
        "weights": dict(split.weights),
    }
    return {names.POD_NOTE: json.dumps(said, sort_keys=True)}


def read_note(text: str) -> PodNote | None:
    """What we noted; None where there is nothing that we can have written."""
    try:
        said = json.loads(text)
        return PodNote(
            replicas=int(said["replicas"]),
            joined=bool(said["joined"]),
            pods=_sorted(said["pods"]),
            weights=_sorted(said["weights"]),
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def read_live(
    route: Route, services: Iterable[Object], _: Iterable[str], deployed: tuple[Deployed, ...]
) -> LiveRoute:
    """What the Deployments of a service, and the Services of its namespace, make of it."""
    selectors = [
        service.get("spec", {}).get("selector") or {}
        for service in services
        if service["metadata"]["name"] == route.service
    ]
    selects = all(selector.get(names.SERVES) == "true" for selector in selectors)
    return live_pods(deployed, service_selects=selects)


def _sorted(counts: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted((str(version), int(count)) for version, count in counts.items()))
