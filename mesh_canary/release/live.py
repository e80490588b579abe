"""The record against the route in force: what somebody else changed, and what a killed run left behind."""

from mesh_canary.release.plan import plan_split
from mesh_canary.release.record import LiveRoute, Record
from mesh_canary.release.traffic import explain_weights
from mesh_canary.settings import Problem, ReleaseSettings, Stage

PUT_BACK = "`pulumi up --refresh` with the stack file as last applied puts the route back"


def check_live(
    key: str, release: ReleaseSettings, record: Record | None, live: LiveRoute | None
) -> list[Problem]:
    """Refuses to build on a route that somebody else changed, or that another route for the host makes void.

    Asking for the recorded stage again, or for `rolled_back`, is never building on it.
    """
    if live is None:
        return []
    problems = []
    if live.other_routes:
        rule = f"another VirtualService routes it already: {', '.join(live.other_routes)}"
        hint = "remove it (one owner per host: proxies use one of them alone), then run again"
        problems.append(Problem(f"{key}.service", release.service, rule, hint))
    changed = explain_change(record, live)
    if changed and release.stage is not Stage.ROLLED_BACK and not _is_at(record, release):
        hint = f"{PUT_BACK}; stage: rolled_back stops the release"
        problems.append(Problem(f"{key}.stage", str(release.stage), changed, hint))
    return problems


def explain_live(
    name: str, release: ReleaseSettings, record: Record | None, live: LiveRoute | None
) -> str:
    """What the operator of an accepted run should know of the route in force; empty where it is as recorded."""
    key = f"releases.{name}"
    if live is None:
        return (
            f"{key}: the cluster did not answer, so its live route was not compared with the record"
        )
    if changed := explain_change(record, live):
        return f"{key}: {changed}\n  hint: {PUT_BACK}"
    if record is None or not live.exists:
        return ""
    if set(live.named) <= set(record.named) and live.weights.get(record.canary, 0) == record.step:
        return ""
    done = dict(plan_split(release).weights) == dict(live.weights)
    ending = "this run ends it" if done else "this run starts from there"
    return f"{key}: a run was interrupted, the route says {explain_weights(live.weights)}; {ending}"


def explain_change(record: Record | None, live: LiveRoute) -> str:
    """How the live route differs from whatever we wrote last; empty where it does not."""
    if record is not None and not live.exists:
        return "the live route was removed or rewritten by somebody else"
    if not live.edited_by_hand:
        return ""
    noted = explain_weights(live.written_weights) if live.written_weights else "no note of ours"
    said = "behind the gateway" if live.gateway_edited else explain_weights(live.weights)
    return f"the live route was changed by somebody else: {said} (we wrote: {noted})"


def _is_at(record: Record | None, release: ReleaseSettings) -> bool:
    """Whether `release` asks for what the record says."""
    if record is None or not record.is_about(release):
        return False
    return record.stage is release.stage and record.step == release.step
