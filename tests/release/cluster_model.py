"""A tiny cluster, and every run that can happen on it, also killed ones: what `test_safety` asks its questions of.

A tiny cluster (versions that run, subsets, the route) and everything an operator may ask of it: all legal requests, one
after another, each killed after any of its steps or carried out to its end, until nothing new is reached.
Proxies hear late: until a plan waits for them, any of them may still use a subset or a route from before.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import permutations

from mesh_canary.release import (
    Action,
    LiveRoute,
    Record,
    ReleasePlan,
    Step,
    TrafficSplit,
    check_transition,
    plan_release,
)
from mesh_canary.settings import ReleaseSettings
from tests.builders import a_deployed, a_live_route, a_version, an_image, at

Versions = frozenset[str]
NOWHERE: Versions = frozenset()
STANDING = {("bookinfo", "reviews"): ("v1", an_image("v1"))}


@dataclass(frozen=True)
class Cluster:
    """What exists; the first entries of what is a list are old ones that some proxy may still use."""

    running: Versions = NOWHERE
    subsets: tuple[Versions, ...] = (NOWHERE,)
    routes: tuple[TrafficSplit | None, ...] = (None,)
    record: Record | None = None
    selectors: tuple[str | None, ...] = ("",)
    """What the Service selects: one version, every one (""), or nothing because it is not there (None)."""

    def reached(self) -> Iterator[Versions]:
        """The versions among whose pods a proxy may choose, for every selector that some proxy may go by."""
        for selector in self.selectors:
            if selector is not None:
                yield frozenset({selector}) & self.running if selector else self.running

    def live(self) -> LiveRoute:
        """The route, and what runs behind it, as the program reads them."""
        route = self.routes[-1]
        deployed = tuple(a_deployed(version) for version in sorted(self.running))
        return a_live_route(route, deployed=deployed) if route else LiveRoute({}, deployed=deployed)

    def settled(self) -> "Cluster":
        """The same a moment later, when every proxy has heard of everything."""
        return replace(
            self,
            subsets=self.subsets[-1:],
            routes=self.routes[-1:],
            selectors=self.selectors[-1:],
        )

    def after(self, step: Step, plan: ReleasePlan) -> "Cluster":
        """The cluster when one step of a plan is done."""
        match step.action:
            case Action.APPLY_WORKLOAD:
                return replace(self, running=self.running | {step.version})
            case Action.REMOVE_WORKLOAD:
                return replace(self, running=self.running - {step.version})
            case Action.APPLY_SUBSETS:
                return replace(self, subsets=(*self.subsets, frozenset(plan.subsets)))
            case Action.APPLY_ROUTE:
                return replace(self, routes=(*self.routes, plan.split))
            case Action.WIDEN_SELECTOR | Action.NARROW_SELECTOR:
                return replace(self, selectors=(*self.selectors, step.version))
            case Action.WAIT_FOR_PROXIES:
                return self.settled()


START = Cluster(running=frozenset({"v1"}))
NARROW_STARTS = (replace(START, selectors=("v1",)), Cluster(selectors=(None,)))
"""An app whose Service selects v1 alone, and a new stack with nothing at all."""


def requests(*, testers: bool, steps: tuple[int, ...]) -> list[ReleaseSettings]:
    """Everything that an operator may write of a release between three versions."""
    seen_by = {"end-user": "jason"} if testers else {}
    asked = []
    for stable, canary in permutations(("v1", "v2", "v3"), 2):
        pair = {"stable": a_version(stable), "canary": a_version(canary), "steps": list(steps)}
        stages: list[int | str] = ["dark", "mirror", *steps, "promoted", "rolled_back"]
        asked += [at(stage, **pair, testers=seen_by) for stage in stages]
        asked.append(at("promoted", **pair, testers=seen_by, retire_stable=True))
    return asked


def applied(cluster: Cluster, plan: ReleasePlan) -> Iterator[Cluster]:
    """The cluster after every write of a plan, then with its record in the state, then after every removal.

    The record is kept while the program runs. When it has ended, Pulumi removes whatever it does not register any
    more, named by the plan or not.
    """
    for step in plan.order:
        if step.action is not Action.REMOVE_WORKLOAD:
            cluster = cluster.after(step, plan)
            yield cluster
    cluster = replace(cluster, record=plan.record)
    yield cluster
    kept = {workload.version for workload in plan.workloads}
    for version in sorted(cluster.running - kept):
        cluster = cluster.after(Step(Action.REMOVE_WORKLOAD, version), plan)
        yield cluster
    yield cluster.settled()


@dataclass(frozen=True)
class Run:
    """One `pulumi up`: from where, with which plan, and the cluster after each of its steps."""

    start: Cluster
    plan: ReleasePlan
    moments: tuple[Cluster, ...]


def next_runs(
    cluster: Cluster, asked: list[ReleaseSettings], *, narrow: bool = False
) -> Iterator[Run]:
    """A run for everything that may legally be asked of `cluster` now."""
    live = cluster.live()
    for request in asked:
        if not check_transition("reviews", request, cluster.record, live, STANDING):
            plan = plan_release(request, cluster.record, live, narrow=narrow)
            yield Run(cluster, plan, tuple(applied(cluster, plan)))


@cache
def every_run(
    *, testers: bool, steps: tuple[int, ...] = (50,), narrow: bool = False
) -> tuple[Run, ...]:
    """Every run that can follow on any other, finished or killed, from an app that runs v1 on.

    `narrow`: its Service selects one version alone until a route needs both, and may be made by the first run.
    """
    asked = requests(testers=testers, steps=steps)
    runs: list[Run] = []
    seen = {*NARROW_STARTS} if narrow else {START}
    waiting = [*seen]
    while waiting:
        for run in next_runs(waiting.pop(), asked, narrow=narrow):
            runs.append(run)
            killed = {moment.settled() for moment in run.moments} - seen
            seen |= killed
            waiting += killed
    return tuple(runs)
