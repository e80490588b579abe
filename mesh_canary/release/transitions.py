"""Which stage may follow which: one table, and the rules that a table cannot hold.

`rolled_back` may follow every stage and is never refused for health or order. Stepping down, by any
number of steps, is always a move; stepping up is one step at a time.
"""

from collections.abc import Iterable, Mapping

from mesh_canary.release.plan import plan_split
from mesh_canary.release.record import LiveRoute, Record
from mesh_canary.release.traffic import ALL_PERCENT, explain_weights
from mesh_canary.settings import Problem, ReleaseSettings, Stage

MAY_FOLLOW: Mapping[Stage | None, tuple[Stage, ...]] = {
    None: (Stage.DARK, Stage.ROLLED_BACK),
    Stage.DARK: (Stage.DARK, Stage.MIRROR, Stage.WEIGHTED, Stage.ROLLED_BACK),
    Stage.MIRROR: (Stage.MIRROR, Stage.WEIGHTED, Stage.DARK, Stage.ROLLED_BACK),
    Stage.WEIGHTED: (Stage.WEIGHTED, Stage.PROMOTED, Stage.MIRROR, Stage.DARK, Stage.ROLLED_BACK),
    Stage.PROMOTED: (Stage.PROMOTED, Stage.ROLLED_BACK),
    Stage.ROLLED_BACK: (Stage.ROLLED_BACK, Stage.DARK),
}
"""None: nothing was applied yet. At `promoted` and `rolled_back` the next release may begin, at dark."""

Standing = Mapping[tuple[str, str], tuple[str, str]]
"""(namespace, service) -> (version, image) that the stack file's apps run on their own, without a release."""


def check_transition(
    name: str,
    release: ReleaseSettings,
    record: Record | None,
    live: LiveRoute | None,
    standing: Standing,
) -> list[Problem]:
    """What speaks against applying `release` after `record`; `live` is None when the cluster did not answer."""
    same = record is not None and record.is_about(release)
    if release.stage is Stage.ROLLED_BACK and (same or (record is None and live is None)):
        return []
    key = f"releases.{name}"
    problems = _check_live(key, release, record, live)
    if record is None:
        return problems + _check_start(key, release, live, standing)
    if not same:
        return problems + _check_versions(key, release, record)
    return problems + _check_stage(key, release, record)


def next_moves(release: ReleaseSettings, record: Record | None) -> tuple[str, ...]:
    """The legal next moves after `record`, as an operator types them, the one forward first."""
    stage = record.stage if record else None
    step = record.step if record else 0
    moves: list[str] = []
    for following in MAY_FOLLOW[stage]:
        match following:
            case Stage.WEIGHTED:
                ahead = [weight for weight in release.steps if weight > step][:1]
                behind = [weight for weight in release.steps if weight < step][::-1]
                moves += [
                    f"stage: weighted, canary_weight: {weight}" for weight in (*ahead, *behind)
                ]
            case Stage.PROMOTED if stage is Stage.WEIGHTED and step < max(release.steps):
                continue
            case Stage.PROMOTED if stage is Stage.PROMOTED:
                moves.append("stage: promoted, retire_stable: true")
            case _ if following is stage:
                continue
            case _:
                moves.append(f"stage: {following}")
    if stage is Stage.PROMOTED and record:
        moves.append(f"the next release: stable {record.canary}, stage: dark")
    if stage is Stage.ROLLED_BACK:
        moves.append("another canary, stage: dark")
    return tuple(moves)


def check_removal(name: str, record: Record, standing: Standing) -> list[Problem]:
    """What speaks against taking a release out of the stack file.

    Its Deployments go with it, but for the one that the app runs on its own: that has to carry
    everything.
    """
    version, image = record.carrying
    left = standing.get((record.namespace, record.service))
    if record.step in (0, ALL_PERCENT) and left == (version, image):
        return []
    where = f"{record.namespace}/{record.service}"
    rule = f"removed, while {version} ({image}) carries the requests of {where}"
    if 0 < record.step < ALL_PERCENT:
        rule = f"removed in the middle of the release ({record.step} % at {record.canary})"
    hint = (
        f"put the entry back; it can go once one version carries everything and the app itself runs that version"
        f" (apps.…: {record.service} at {version}, {image})"
    )
    return [Problem(f"releases.{name}", "", rule, hint)]


def _check_live(
    key: str, release: ReleaseSettings, record: Record | None, live: LiveRoute | None
) -> list[Problem]:
    """Refuses to build on a route that somebody else changed, or that another route for the host makes void."""
    if live is None:
        return []
    problems = []
    if live.other_routes:
        rule = f"another VirtualService routes {release.service} already: {', '.join(live.other_routes)}"
        hint = "remove it (one owner per host: proxies use only one of the two), then run again"
        problems.append(Problem(f"{key}.service", release.service, rule, hint))
    unchanged = record is not None and record.is_about(release) and _at(record, release)
    if live.edited_by_hand and not unchanged and release.stage is not Stage.ROLLED_BACK:
        noted = explain_weights(live.written_weights) if live.written_weights else "no note of ours"
        rule = f"the live route was changed by somebody else: {explain_weights(live.weights)} (we wrote: {noted})"
        hint = "`pulumi up --refresh` with the stack file as last applied puts the route back; stage: rolled_back stops"
        problems.append(Problem(f"{key}.stage", release.stage, rule, hint))
    return problems


def _check_start(
    key: str, release: ReleaseSettings, live: LiveRoute | None, standing: Standing
) -> list[Problem]:
    """The first `up` of a release, or the first after its state was lost."""
    if live is not None and live.exists and dict(plan_split(release).weights) == dict(live.weights):
        return []  # the state was lost or moved: this is where the release stands
    if release.stage not in MAY_FOLLOW[None]:
        rule = "a release that was never applied here starts at dark (or rolled_back: stable alone)"
        return [Problem(f"{key}.stage", _shown(release), rule, "set stage: dark")]
    running = standing.get((release.namespace, release.service))
    stable = (release.stable.version, release.stable.image)
    if running and running != stable:
        rule = f"the app runs {running[0]} ({running[1]}); a release starts from what runs"
        return [
            Problem(
                f"{key}.stable", f"{stable[0]} ({stable[1]})", rule, "make stable what the app runs"
            )
        ]
    return []


def _check_versions(key: str, release: ReleaseSettings, record: Record) -> list[Problem]:
    """Other versions or images than before: the next release, which begins at dark from what carries now."""
    under_way = (
        f"{record.stable} ({record.stable_image}) to {record.canary} ({record.canary_image})"
    )
    if record.stage in (Stage.MIRROR, Stage.WEIGHTED):
        rule = f"versions and images stay until the release under way ends: {under_way}"
        return [
            Problem(key, "", rule, f"put them back; then {_either(next_moves(release, record))}")
        ]
    version, image = record.carrying
    if (release.stable.version, release.stable.image) != (version, image):
        rule = f"{version} ({image}) carries the live requests, so the next release starts from it"
        shown = f"{release.stable.version} ({release.stable.image})"
        return [
            Problem(f"{key}.stable", shown, rule, f"set stable to version {version}, image {image}")
        ]
    if release.stage not in MAY_FOLLOW[None]:
        rule = f"a new canary starts at dark (before: {under_way}, {record.stage})"
        return [Problem(f"{key}.stage", _shown(release), rule, "set stage: dark")]
    return []


def _check_stage(key: str, release: ReleaseSettings, record: Record) -> list[Problem]:
    """The same release: the stage follows by the table, the weight by the ladder."""
    legal = _either(next_moves(release, record))
    allowed = release.stage in MAY_FOLLOW[record.stage] or _at(record, release)
    if not allowed or (release.stage is Stage.PROMOTED and not _carried_enough(release, record)):
        rule = f"may not follow {_recorded(record)}"
        return [Problem(f"{key}.stage", _shown(release), rule, f"next: {legal}")]
    ahead = [weight for weight in release.steps if weight > record.step]
    if release.stage is Stage.WEIGHTED and release.step > min(ahead, default=100):
        rule = f"the next step after {record.step} is {ahead[0]} (steps: {release.ladder})"
        return [Problem(f"{key}.canary_weight", str(release.step), rule, f"next: {legal}")]
    return []


def _carried_enough(release: ReleaseSettings, record: Record) -> bool:
    """Whether the canary carried the last step's traffic, so that it may take all of it."""
    return record.stage is Stage.PROMOTED or record.step >= max(release.steps)


def _at(record: Record, release: ReleaseSettings) -> bool:
    return record.stage is release.stage and record.step == release.step


def _shown(release: ReleaseSettings) -> str:
    return f"weighted ({release.step} %)" if release.stage is Stage.WEIGHTED else str(release.stage)


def _recorded(record: Record) -> str:
    return f"weighted ({record.step} %)" if record.stage is Stage.WEIGHTED else str(record.stage)


def _either(moves: Iterable[str]) -> str:
    return "; or ".join(moves)
