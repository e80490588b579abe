"""The plan of one stage: what exists afterwards, and in which order it is written. Decides; applies nothing.

The order is a decision of its own. Without a route a Kubernetes Service spreads requests over every
ready pod it selects, so a first release writes its route before the canary's pods; later ones start
pods first, so that nobody is sent to a version that is not there yet. What goes, goes last, after
no route has named it and proxies had time to hear so. A Service that selects one version alone is
widened before a route names two, and narrowed after the last route that did.
"""

from collections.abc import Set
from dataclasses import dataclass, replace
from typing import assert_never

from mesh_canary.release.live_route import LiveRoute
from mesh_canary.release.notice import explain_notice
from mesh_canary.release.plan_pods import VersionPods, explain_pods, order_pods, plan_pods
from mesh_canary.release.pod_counts import PodBudget
from mesh_canary.release.record import Record, record_of
from mesh_canary.release.step import Action, Step
from mesh_canary.release.traffic import Mirror, TrafficSplit, split_between
from mesh_canary.settings import ReleaseSettings, Stage, VersionSettings
from mesh_canary.settings.fields import label_of


@dataclass(frozen=True)
class ReleasePlan:
    """Everything that applying one stage needs to know."""

    release: ReleaseSettings
    split: TrafficSplit
    workloads: tuple[VersionSettings, ...]
    """The versions that run: a Deployment each, never relabelled."""
    subsets: tuple[str, ...]
    order: tuple[Step, ...]
    record: Record
    """What the state will say when the last write is done; Pulumi removes what goes after that."""
    selector: str | None = None
    """What the Service selects: one version, or every one (""); None where the app writes the Service."""
    pods: tuple[VersionPods, ...] = ()
    """How many pods of each version, and which serve; empty where a mesh carries the weights."""

    @property
    def notice(self) -> str:
        """What users will notice, in one sentence."""
        if self.pods:
            return explain_pods(self.release, self.pods)
        return explain_notice(self.release)


def plan_release(
    release: ReleaseSettings,
    record: Record | None = None,
    live: LiveRoute | None = None,
    *,
    budget: PodBudget | None = None,
    narrow: bool = False,
) -> ReleasePlan:
    """The plan that brings a release from `record` to the stage that `release` asks for.

    `budget`: pods carry the weights, and no route does. `narrow`: the service's Service selects one version alone,
    until a route needs both. Equal arguments give equal plans; a plan made again after it was applied asks for nothing
    new.
    """
    if budget is not None:
        return _plan_by_pods(release, record, live, budget)
    split = plan_split(release)
    in_force = frozenset(live.named) if live else frozenset()
    subsets = plan_subsets(release, split, record, in_force)
    workloads = plan_workloads(release)
    known = {record.stable, record.canary} if record else set()
    running = tuple(workload.version for workload in workloads)
    notes = plan_notes(release, record, live)
    selector = plan_selector(release, record, in_force) if narrow else None
    return ReleasePlan(
        release=release,
        split=split,
        workloads=workloads,
        subsets=subsets,
        order=plan_order(workloads, split, known | in_force, selector),
        record=record_of(release, split, subsets, running, notes, selector=selector),
        selector=selector,
    )


def _plan_by_pods(
    release: ReleaseSettings, record: Record | None, live: LiveRoute | None, budget: PodBudget
) -> ReleasePlan:
    """The same where pods carry the weights: counts instead of subsets and routes."""
    split, workloads = plan_split(release), plan_workloads(release)
    recorded = dict(record.pods) if record and record.is_of(release) else {}
    pods = plan_pods(release, budget, live.written_pods if live else recorded)
    known = {record.stable, record.canary} if record else set()
    known |= set(live.named) if live else set()
    made = record_of(
        release,
        split,
        subsets=(),
        running=tuple(workload.version for workload in workloads),
        notes=plan_notes(release, record, live),
    )
    return ReleasePlan(
        release=release,
        split=split,
        workloads=workloads,
        subsets=(),
        order=order_pods(release, pods, live.serving if live else recorded, known),
        record=replace(made, pods=tuple(sorted((p.version, p.serving) for p in pods))),
        pods=pods,
    )


def plan_notes(
    release: ReleaseSettings, record: Record | None, live: LiveRoute | None
) -> tuple[str, str]:
    """What a rollback has to put back, in words: a route edited by hand, and a stable version without pods.

    Pulumi compares with its own state: where route or Deployment are there as it knows them, a rollback would write
    nothing and wait for nothing. The words become part of the one or the other, so it is written; they stay until the
    stage changes. A Deployment with some pods ready is left alone: waiting for all of them could keep users from it.
    """
    if release.stage is not Stage.ROLLED_BACK:
        return "", ""
    at = record if record and record.is_at(release) else None
    changed = live.explain_change(record) if live else ""
    missing = live.without_pods(release.stable.version) if live else ""
    return _note(changed, at.put_back if at else ""), _note(missing, at.revived if at else "")


def _note(found: str, former: str) -> str:
    """What is found now, told apart from what was found before; without anything new, what was."""
    return f"{found}, again" if found and found == former else found or former


def plan_workloads(release: ReleaseSettings) -> tuple[VersionSettings, ...]:
    """The versions that run at the stage of `release`: the one that carries most requests first, unrouted ones last."""
    return *_plan_routed(release), *release.unrouted


def _plan_routed(release: ReleaseSettings) -> tuple[VersionSettings, ...]:
    match release.stage:
        case Stage.DARK | Stage.MIRROR | Stage.WEIGHTED:
            return release.stable, release.canary
        case Stage.PROMOTED if release.retire_stable:
            return (release.canary,)
        case Stage.PROMOTED:
            return release.canary, release.stable
        case Stage.ROLLED_BACK:
            return (release.stable,)
    assert_never(release.stage)


def plan_split(release: ReleaseSettings) -> TrafficSplit:
    """Who gets what at the stage of `release`."""
    stable, canary = release.stable.version, release.canary.version
    weights = split_between(stable, canary, release.step)
    testers = tuple(sorted(release.testers.items()))
    tester_version = canary if testers else None
    match release.stage:
        case Stage.DARK | Stage.WEIGHTED:
            return TrafficSplit(weights, None, testers, tester_version)
        case Stage.MIRROR:
            mirror = Mirror(canary, release.mirror_percent or 0, release.mirror_methods)
            return TrafficSplit(weights, mirror, testers, tester_version)
        case Stage.PROMOTED | Stage.ROLLED_BACK:
            return TrafficSplit(weights)
    assert_never(release.stage)


def plan_subsets(
    release: ReleaseSettings,
    split: TrafficSplit,
    record: Record | None,
    in_force: frozenset[str] = frozenset(),
) -> tuple[str, ...]:
    """The versions that have a subset: those of the release, and those that the route `in_force` still names.

    A subset goes one `up` after the last route that named it, and only when something else changes as well. Two
    versions with one label (1.0, 1-0), as a rollback may name, have the subset of the one that was there.
    """
    kept = set(in_force)
    if record is not None:
        kept |= set(record.subsets if record.is_at(release) else record.named)
    wanted = {release.stable.version, release.canary.version} | split.named
    by_label = {label_of(version): version for version in (*sorted(wanted), *sorted(kept))}
    return tuple(sorted(by_label.values()))


def plan_selector(
    release: ReleaseSettings, record: Record | None, in_force: Set[str] = frozenset()
) -> str:
    """What a Service that starts narrow selects: stable alone while no route names the canary, else every version.

    A run may be killed when it has narrowed the Service and not yet come to its record. Where the next move could then
    be to another stable version, the Service stays wide: after a promotion, and where a route has lost its record.
    """
    stays = record is not None and record.is_at(release) and record.selector == ""
    promoted = record is not None and record.stage is Stage.PROMOTED
    if stays or promoted or (record is None and in_force):
        return ""
    match release.stage:
        case Stage.ROLLED_BACK:
            return release.stable.version
        case Stage.DARK if not release.testers:
            return release.stable.version
        case _:
            return ""


def plan_order(
    workloads: tuple[VersionSettings, ...],
    split: TrafficSplit,
    known: Set[str],
    selector: str | None = None,
) -> tuple[Step, ...]:
    """The writes in their order. `known`: versions that ran or were routed to before; empty without a route."""
    running = [Step(Action.APPLY_WORKLOAD, workload.version) for workload in workloads]
    wait = Step(Action.WAIT_FOR_PROXIES)
    route = [Step(Action.APPLY_SUBSETS), wait, Step(Action.APPLY_ROUTE)]
    if not known:
        carriers = [step for step in running if split.weight_of(step.version)]
        others = [step for step in running if step not in carriers]
        # One version runs: whatever the Service selects is the same, and a new stack needs a Service.
        service = [_write_selector(selector)] if selector is not None else []
        return (*carriers, *service, *route, *([wait] if others else []), *others)
    kept = {workload.version for workload in workloads}
    going = [Step(Action.REMOVE_WORKLOAD, version) for version in sorted(known - kept)]
    wider = [_write_selector(selector), wait] if selector == "" else []
    last = [*([_write_selector(selector)] if selector else []), *going]
    return (*running, *wider, *route, *([wait] if last else []), *last)


def _write_selector(selector: str) -> Step:
    return Step(Action.NARROW_SELECTOR if selector else Action.WIDEN_SELECTOR, selector)
