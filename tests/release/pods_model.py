"""A tiny cluster without a mesh, and every run that can happen on it: what `test_pods_safety` asks its questions of.

As `cluster_model`, with pods in the place of routes. A Deployment changes pod by pod, so besides what a step leaves
behind there is whatever may be seen in its middle: more pods than before and after, never fewer than the lesser.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import permutations

from mesh_canary.release import (
    Action,
    PodBudget,
    Record,
    ReleasePlan,
    check_pods,
    check_transition,
    plan_release,
)
from mesh_canary.release.live_pods import LivePods, live_pods
from mesh_canary.release.live_route import Deployed, PodNote
from mesh_canary.settings import ReleaseSettings
from tests.builders import a_version, an_image, at

STANDING = {("bookinfo", "reviews"): ("v1", an_image("v1"))}
Running = tuple[tuple[str, Deployed], ...]


@dataclass(frozen=True)
class PodCluster:
    """The Deployments of the service, by version, and the record."""

    running: Running = ()
    record: Record | None = None

    @cached_property
    def live(self) -> LivePods:
        """What is in force, as the program reads it."""
        return live_pods(tuple(d for _, d in self.running), service_selects=True)

    @cached_property
    def serving(self) -> dict[str, int]:
        """Pods behind the Service, by version."""
        return self.live.serving

    def share(self, version: str) -> float:
        """The part of new connections that reaches a version, 0 to 1."""
        return self.serving.get(version, 0) / sum(self.serving.values())

    def having(self, deployed: Deployed) -> "PodCluster":
        """With one Deployment written and its pods ready."""
        return replace(
            self, running=tuple(sorted({**dict(self.running), deployed.version: deployed}.items()))
        )

    def without(self, version: str) -> "PodCluster":
        """With one Deployment removed."""
        return replace(self, running=tuple(pair for pair in self.running if pair[0] != version))


START = PodCluster((("v1", Deployed("v1", an_image("v1"), 3, 3)),))


def written(plan: ReleasePlan, version: str) -> Deployed:
    """The Deployment of a version as a plan writes it, with its note."""
    (pods,) = (p for p in plan.pods if p.version == version)
    note = PodNote(
        replicas=pods.replicas,
        joined=pods.joined,
        pods=tuple(sorted((p.version, p.serving) for p in plan.pods if p.serving)),
        weights=tuple(sorted(plan.split.weights)),
    )
    return Deployed(version, an_image(version), pods.replicas, pods.replicas, pods.joined, note)


@dataclass(frozen=True)
class PodRun:
    """One `pulumi up`: from where, with which plan, and the cluster after each of its steps."""

    start: PodCluster
    plan: ReleasePlan
    moments: tuple[PodCluster, ...]


def requests(steps: tuple[int, ...]) -> list[ReleaseSettings]:
    """Everything that an operator may write of a release between three versions."""
    asked = []
    for stable, canary in permutations(("v1", "v2", "v3"), 2):
        pair = {"stable": a_version(stable), "canary": a_version(canary), "steps": list(steps)}
        stages: list[int | str] = ["dark", *steps, "promoted", "rolled_back"]
        asked += [at(stage, **pair) for stage in stages]
        asked.append(at("promoted", **pair, retire_stable=True))
    return asked


def applied(cluster: PodCluster, plan: ReleasePlan) -> Iterator[PodCluster]:
    """The cluster after every write of a plan, then with its record in the state, then after every removal."""
    for step in plan.order:
        if step.action is Action.APPLY_WORKLOAD:
            cluster = cluster.having(written(plan, step.version))
            yield cluster
    cluster = replace(cluster, record=plan.record)
    yield cluster
    kept = {workload.version for workload in plan.workloads}
    for version in sorted(dict(cluster.running).keys() - kept):
        cluster = cluster.without(version)
        yield cluster


def next_runs(
    cluster: PodCluster, asked: list[ReleaseSettings], budget: PodBudget
) -> Iterator[PodRun]:
    """A run for everything that may legally be asked of `cluster` now."""
    live = cluster.live
    for request in asked:
        if check_pods("reviews", request, live, budget):
            continue
        if not check_transition("reviews", request, cluster.record, live, STANDING):
            plan = plan_release(request, cluster.record, live, budget=budget)
            yield PodRun(cluster, plan, tuple(applied(cluster, plan)))


@cache
def every_run(budget: PodBudget, steps: tuple[int, ...]) -> tuple[PodRun, ...]:
    """Every run that can follow on any other, finished or killed, from an app that runs three pods of v1 on."""
    asked = requests(steps)
    runs: list[PodRun] = []
    seen = {START}
    waiting = [START]
    while waiting:
        for run in next_runs(waiting.pop(), asked, budget):
            runs.append(run)
            killed = {*run.moments} - seen
            seen |= killed
            waiting += killed
    return tuple(runs)
