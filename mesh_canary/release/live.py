"""The record against the route in force: what somebody else changed, and what a killed run left behind."""

from dataclasses import replace

from mesh_canary.release.live_route import LiveRoute
from mesh_canary.release.plan import ReleasePlan, plan_workloads
from mesh_canary.release.record import Record
from mesh_canary.settings import Problem, ReleaseSettings, Stage


def check_live(
    key: str, release: ReleaseSettings, record: Record | None, live: LiveRoute | None
) -> list[Problem]:
    """Refuses to build on a route that somebody else changed, or that another route for the host makes void.

    Asking for the recorded stage again, or for `rolled_back`, is never building on it.
    """
    if live is None:
        return []
    stands = carried(record, live) if record else None
    back = release.stage is Stage.ROLLED_BACK
    if back or (stands is not None and stands.is_at(release) and _keeps(stands, release)):
        return []
    changed = live.explain_change(record)
    hint = f"{live.put_back}; stage: rolled_back stops the release"
    problems = [Problem(f"{key}.stage", str(release.stage), changed, hint)] if changed else []
    others, way_out = live.explain_others()
    if others:
        problems.append(Problem(f"{key}.service", release.service, others, way_out))
    return problems + _check_ready(key, release, stands, live)


def _keeps(record: Record, release: ReleaseSettings) -> bool:
    """Whether `release` removes no version that is recorded to run."""
    return set(record.running) <= {version.version for version in plan_workloads(release)}


def _check_ready(
    key: str, release: ReleaseSettings, record: Record | None, live: LiveRoute
) -> list[Problem]:
    """A canary gets more only when all its pods are ready: a Deployment that does not change is not waited for."""
    if record is None or not record.is_about(release):
        return []
    missing = live.unready(release.canary.version)
    if live.by_pods:
        missing = missing or live.unready(release.stable.version)
    more = release.step > record.step or not _keeps(record, release)
    hint = "see why (kubectl describe pod), then run again; or stage: rolled_back"
    return [Problem(f"{key}.stage", str(release.stage), missing, hint)] if more and missing else []


def carried(record: Record, live: LiveRoute | None) -> Record:
    """`record`, taken back to what the canary carries in fact.

    A step down that was killed after its route was written is not in the record yet: counted from the record, the next
    step up could be a jump.
    """
    if live is None or not live.exists or live.edited_by_hand:
        return record
    step = live.weights.get(record.canary, 0)
    if step >= record.step:
        return record
    return replace(record, step=step, stage=Stage.WEIGHTED if step else Stage.DARK)


def explain_live(
    name: str, plan: ReleasePlan, record: Record | None, live: LiveRoute | None
) -> tuple[str, ...]:
    """What the operator of an accepted run should know of the cluster; nothing where it is as recorded."""
    key = f"releases.{name}"
    if live is None:
        return (
            f"{key}: the cluster did not answer, so its live route was not compared with the record",
        )
    notes = [_explain_route(plan.release, record, live), *_explain_strays(plan, record, live)]
    others, way_out = live.explain_others()
    if others:
        notes.append(f"{others}\n  hint: {way_out}")
    if missing := live.unready(plan.workloads[0].version):
        notes.append(f"{missing}, and it carries most requests after this run")
    return tuple(f"{key}: {note}" for note in notes if note)


def _explain_route(release: ReleaseSettings, record: Record | None, live: LiveRoute) -> str:
    if changed := live.explain_change(record):
        back = release.stage is Stage.ROLLED_BACK and live.exists
        return f"{changed}\n  hint: {'this run puts it back' if back else live.put_back}"
    if record is None or not live.exists:
        return ""
    step = live.weights.get(record.canary, 0)
    if set(live.named) <= set(record.named) and step == record.step:
        return ""
    ending = "this run ends it" if step == release.step else "this run starts from there"
    return f"a run was interrupted, {live.says}; {ending}"


def _explain_strays(plan: ReleasePlan, record: Record | None, live: LiveRoute) -> list[str]:
    """Deployments that a killed run may have left: Pulumi forgets what it was creating when it died."""
    release = plan.release
    known = {w.version for w in plan.workloads} | set(record.running if record else ())
    return [
        f"version {version} runs, and neither plan nor record has it\n  hint: if it is there after this run,"
        f" kubectl -n {release.namespace} delete deployment -l app={release.service},version={version}"
        for version in live.running
        if version not in known
    ]
