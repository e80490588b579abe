"""The contract of a router: a neutral route and a split in, manifests of one mesh out. No cluster, no state."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from mesh_canary.release import Deployed, LiveRoute, TrafficSplit
from mesh_canary.routing import istio, istio_live, kubernetes
from mesh_canary.routing.route import Exposure, Manifest, Route
from mesh_canary.settings import Problem


@dataclass(frozen=True)
class Router:
    """One mesh. What it cannot do is absent from `capabilities`, and `check_capabilities` refuses it."""

    name: str
    capabilities: frozenset[str]
    """Of: weights, mirror, testers."""
    make_subsets: Callable[[Route, tuple[str, ...]], tuple[Manifest, ...]]
    """What tells the versions of a service apart; all of them, at every stage."""
    make_routes: Callable[[Route, TrafficSplit], tuple[Manifest, ...]]
    """What sends requests to them; the first is the route within the mesh."""
    route_api: tuple[str, str]
    """API version and kind of the routes, for reading them back."""
    read_live: Callable[
        [Route, Iterable[Mapping[str, Any]], Iterable[str], tuple[Deployed, ...]], LiveRoute
    ]
    """What the routes of the namespace, as the cluster holds them, say of this service, and what it runs."""
    splits_by: Literal["requests", "pods"] = "requests"
    """Whether proxies carry the weights, or the numbers of pods do: then there are no subsets and no routes."""
    reasons: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """By capability that it lacks: why, and what can be done instead."""


ROUTERS: Mapping[str, Router] = {
    "istio": Router(
        name="istio",
        capabilities=frozenset({"weights", "mirror", "testers"}),
        make_subsets=istio.make_subsets,
        make_routes=istio.make_virtual_services,
        route_api=istio.VIRTUAL_SERVICE,
        read_live=istio_live.read_live,
    ),
    "kubernetes": Router(
        name="kubernetes",
        capabilities=frozenset({"weights"}),
        make_subsets=kubernetes.make_no_subsets,
        make_routes=kubernetes.make_no_routes,
        route_api=kubernetes.SERVICE,
        read_live=kubernetes.read_live,
        splits_by="pods",
        reasons=kubernetes.REASONS,
    ),
}


def check_capabilities(name: str, router: Router, split: TrafficSplit) -> list[Problem]:
    """What the split of release `name` asks for and `router` cannot do."""
    wants = {
        "weights": len(split.weights) > 1,
        "mirror": split.mirror is not None,
        "testers": bool(split.testers),
    }
    usual = f"{router.name} cannot do it", "leave it out, or choose another mesh"
    typed = {"weights": ("canary_weight", ""), "mirror": ("stage", "mirror")}
    return [
        Problem(f"releases.{name}.{key}", value, *router.reasons.get(capability, usual))
        for capability, wanted in wants.items()
        if wanted and capability not in router.capabilities
        for key, value in [typed.get(capability, (capability, ""))]
    ]


__all__ = ["ROUTERS", "Exposure", "Manifest", "Route", "Router", "check_capabilities"]
