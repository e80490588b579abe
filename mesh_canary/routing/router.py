"""The contract of a router: a neutral route and a split in, manifests of one mesh out. No cluster, no state."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mesh_canary.release import LiveRoute, TrafficSplit
from mesh_canary.routing import istio, istio_live
from mesh_canary.routing.route import Exposure, Manifest, Route
from mesh_canary.settings import Problem


@dataclass(frozen=True)
class Router:
    """One mesh. What it cannot do is absent from `capabilities`, and `check_capabilities` refuses it."""

    name: str
    capabilities: frozenset[str]
    """Of: weights, mirror, testers."""
    make_subsets: Callable[[Route, tuple[str, ...]], Manifest]
    """What tells the versions of a service apart; all of them, at every stage."""
    make_routes: Callable[[Route, TrafficSplit], tuple[Manifest, ...]]
    """What sends requests to them; the first is the route within the mesh."""
    route_api: tuple[str, str]
    """API version and kind of the routes, for reading them back."""
    read_live: Callable[[Route, Iterable[Mapping[str, Any]], Iterable[str]], LiveRoute]
    """What the routes of the namespace, as the cluster holds them, say of this service."""


ROUTERS: Mapping[str, Router] = {
    "istio": Router(
        name="istio",
        capabilities=frozenset({"weights", "mirror", "testers"}),
        make_subsets=istio.make_destination_rule,
        make_routes=istio.make_virtual_services,
        route_api=istio.VIRTUAL_SERVICE,
        read_live=istio_live.read_live,
    ),
}


def check_capabilities(name: str, router: Router, split: TrafficSplit) -> list[Problem]:
    """What the split of release `name` asks for and `router` cannot do."""
    wants = {
        "weights": len(split.weights) > 1,
        "mirror": split.mirror is not None,
        "testers": bool(split.testers),
    }
    return [
        Problem(
            f"releases.{name}.{key}",
            "",
            f"{router.name} cannot do it",
            "leave it out, or choose another mesh",
        )
        for key, wanted in wants.items()
        if wanted and key not in router.capabilities
    ]


__all__ = ["ROUTERS", "Exposure", "Manifest", "Route", "Router", "check_capabilities"]
