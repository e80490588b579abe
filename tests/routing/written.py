"""A release as a router's stack writes it, and as the router reads it back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mesh_canary.release import LiveRoute, ReleasePlan, plan_release
from mesh_canary.routing import Manifest, Router
from mesh_canary.routing.deployments import read_deployed
from mesh_canary.settings import ReleaseSettings, StackSettings
from stacks.releases import release_args
from stacks.sidecars import Injection
from stacks.translation import route_of
from stacks.without_mesh import budget_of
from tests.builders import a_release, a_stack, release_config

MESHES: Mapping[str, dict[str, Any]] = {
    "istio": {"kind": "istio", "install": False},
    "kubernetes": {"kind": "none"},
}
"""By router: the mesh of a stack that uses it."""


@dataclass(frozen=True)
class Written:
    """The manifests of one stage: Deployments with what belongs to them, subsets, routes."""

    plan: ReleasePlan
    workloads: tuple[Manifest, ...]
    subsets: tuple[Manifest, ...]
    routes: tuple[Manifest, ...]

    @property
    def all(self) -> tuple[Manifest, ...]:
        """Everything."""
        return (*self.workloads, *self.subsets, *self.routes)


def stack_of(router: Router, **changes: Any) -> StackSettings:
    """A stack that uses `router`; without a mesh, with three pods of every workload."""
    by_pods = router.splits_by == "pods"
    return a_stack(
        mesh=MESHES[router.name],
        apps={"bookinfo": {"namespace": "bookinfo", **({"replicas": 3} if by_pods else {})}},
        releases={"reviews": release_config(**({"max_pods": 10} if by_pods else {}), **changes)},
    )


def asked(router: Router, weight_or_stage: int | str, **changes: Any) -> ReleaseSettings:
    """A release at a weight or a stage, on the stack of `router`."""
    keys: dict[str, Any] = {"stage": weight_or_stage, "mirror_percent": 100}
    if isinstance(weight_or_stage, int):
        keys = {"stage": "weighted", "canary_weight": weight_or_stage}
    pods = {"max_pods": 10} if router.splits_by == "pods" else {}
    return a_release(**{**keys, **pods, **changes})


def written(router: Router, release: ReleaseSettings) -> Written:
    """What the stack of `router` writes for a stage."""
    settings = stack_of(router)
    plan = plan_release(release, budget=budget_of(settings, release))
    args = release_args(settings, plan, Injection(settings, {}))
    workloads = [m for w in args["workloads"].values() for m in w["manifests"]]
    return Written(plan, tuple(workloads), tuple(args["subsets"]), tuple(args["routes"]))


def read_back(router: Router, made: Written, service: str = "reviews") -> LiveRoute:
    """What the router reads of it."""
    route = route_of(stack_of(router), made.plan.release)
    deployments = [m for m in made.workloads if m["kind"] == "Deployment"]
    versions = ("v1", "v2", "1.0", "2.0")
    return router.read_live(route, made.routes, versions, read_deployed(deployments, service))
