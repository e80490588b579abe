"""Which stage may follow which: one table, and the rules that a table cannot hold.

`rolled_back` may follow every stage and is never refused for health or order. Stepping down, by any number of
steps, is always a move; stepping up is one step at a time, counted from what the canary carries in fact.
"""

from collections.abc import Mapping

from mesh_canary.release.live import carried, check_live
from mesh_canary.release.live_route import LiveRoute
from mesh_canary.release.plan import plan_split
from mesh_canary.release.record import Record
from mesh_canary.release.traffic import explain_weights
from mesh_canary.settings import Problem, ReleaseSettings, Stage
from mesh_canary.settings.fields import label_of

MAY_FOLLOW: Mapping[Stage | None, tuple[Stage, ...]] = {
    None: (Stage.DARK, Stage.ROLLED_BACK),
    Stage.DARK: (Stage.DARK, Stage.MIRROR, Stage.WEIGHTED, Stage.ROLLED_BACK),
    Stage.MIRROR: (Stage.MIRROR, Stage.WEIGHTED, Stage.DARK, Stage.ROLLED_BACK),
    Stage.WEIGHTED: (
        Stage.WEIGHTED,
        Stage.PROMOTED,
        Stage.MIRROR,
        Stage.DARK,
        Stage.ROLLED_BACK,
    ),
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
    """What speaks against applying `release` after `record`, which is of the same service.

    `live` is None when the cluster did not answer.
    """
    key = f"releases.{name}"
    if record is not None and record.may_return_to(release) and release.stage is Stage.ROLLED_BACK:
        return []
    problems = check_live(key, release, record, live)
    if record is None:
        return problems + _check_start(key, release, live, standing)
    if not record.is_about(release):
        return problems + _check_versions(key, release, carried(record, live))
    return problems + _check_stage(key, release, carried(record, live))


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
                moves += [f"stage: weighted, canary_weight: {weight}" for weight in ahead + behind]
            case Stage.PROMOTED if stage is Stage.PROMOTED:
                if record and record.stable in record.running:
                    moves.append("stage: promoted, retire_stable: true")
            case Stage.PROMOTED if step < max(release.steps):
                continue
            case Stage.MIRROR if record and record.pods:
                continue
            case Stage.MIRROR if stage is not Stage.MIRROR and release.mirror_percent is None:
                moves.append("stage: mirror, mirror_percent: 100")
            case _ if following is not stage:
                moves.append(f"stage: {following}")
    if stage is Stage.PROMOTED and record:
        moves.append(f"the next release: stable {record.canary}, stage: dark")
    if stage is Stage.ROLLED_BACK:
        moves.append("another canary, stage: dark")
    return tuple(moves)


def check_removal(
    name: str, record: Record, standing: Standing, running: tuple[str, ...] | None
) -> list[Problem]:
    """What speaks against taking a release out of the stack file.

    Its route goes with it, and every ready pod of the service gets requests then: so one version runs alone, and the
    app itself runs that one. `running` is what the cluster runs, None where it did not answer.
    """
    version, image = record.carrying
    left = standing.get((record.namespace, record.service))
    versions = sorted({*record.running, *(running or ())})
    if versions != [version]:
        why = "one would be deleted" if record.pods else "without its route all get requests"
        rule = f"removed, while {' and '.join(versions)} run; {why}"
        hint = (
            "put it back; it can go after stage: rolled_back, or promoted with retire_stable: true,"
            " without `unrouted`"
        )
    elif left is None:
        rule = (
            f"removed, while {version} carries every request of {record.namespace}/{record.service}"
        )
        hint = "put it back; or let Pulumi forget it untouched: pulumi state delete --target-dependents URN"
    elif left != (version, image):
        rule = (
            f"removed, while {version} carries every request of {record.namespace}/{record.service}"
        )
        hint = f"put it back; it can go once the app itself runs {version} ({image})"
    else:
        return []
    return [Problem(f"releases.{name}", "", rule, hint)]


def check_unfinished(name: str) -> list[Problem]:
    """A release whose first `up` never came to its end is not taken out: what it started may still run."""
    rule = "removed, and its first `up` never came to its end: what it started may still run"
    hint = "put it back at stage: rolled_back, run `pulumi up`, then take it out"
    return [Problem(f"releases.{name}", "", rule, hint)]


def _check_start(
    key: str, release: ReleaseSettings, live: LiveRoute | None, standing: Standing
) -> list[Problem]:
    """The first `up` of a release, or the first after its state was lost."""
    routed = live.weights if live else {}
    stable, canary = release.stable, release.canary
    if release.step and routed == dict(plan_split(release).weights):
        return []  # the state was lost or moved: this is where the release stands
    if release.stage not in MAY_FOLLOW[None]:
        rule = "a release that was never applied here starts at dark (or rolled_back: stable alone)"
        return [Problem(f"{key}.stage", _shown(release), rule, "set stage: dark")]
    back = release.stage is Stage.ROLLED_BACK and canary.version in routed
    if routed and stable.version not in routed and not back:
        rule = f"the live route sends {explain_weights(routed)}; a release starts from what carries"
        return [Problem(f"{key}.stable", stable.version, rule, "make stable what carries")]
    running = _running(release, live, standing)
    if running and (stable.version, stable.image) not in running:
        shown = " and ".join(f"{version} ({image})" for version, image in running)
        rule = f"what runs is {shown}; a release starts from what runs"
        hint = "make stable what runs"
        return [Problem(f"{key}.stable", f"{stable.version} ({stable.image})", rule, hint)]
    return []


def _running(
    release: ReleaseSettings, live: LiveRoute | None, standing: Standing
) -> list[tuple[str, str]]:
    """Version and image of what the service runs: where it is routed the cluster's word, else the app's."""
    own = standing.get((release.namespace, release.service))
    if own and not (live and live.exists):
        return [own]
    return [(deployed.version, deployed.image) for deployed in live.deployed] if live else []


def _check_versions(key: str, release: ReleaseSettings, record: Record) -> list[Problem]:
    """Other versions or images than before: the next release, which begins at dark from what carries now."""
    under_way = (
        f"{record.stable} ({record.stable_image}) to {record.canary} ({record.canary_image})"
    )
    if record.stage in (Stage.MIRROR, Stage.WEIGHTED):
        rule = f"versions and images stay until the release under way ends: {under_way}"
        hint = f"put them back; then {_either(next_moves(release, record))}"
        return [Problem(key, "", rule, hint)]
    version, image = record.carrying
    if (release.stable.version, release.stable.image) != (version, image):
        rule = f"{version} ({image}) carries the live requests, so the next release starts from it"
        shown = f"{release.stable.version} ({release.stable.image})"
        hint = f"set stable to version {version}, image {image}"
        return [Problem(f"{key}.stable", shown, rule, hint)]
    if release.stage not in MAY_FOLLOW[None]:
        rule = f"a new canary starts at dark (before: {under_way}, {record.stage})"
        return [Problem(f"{key}.stage", _shown(release), rule, "set stage: dark")]
    canary = release.canary.version
    for known in {record.stable, record.canary, *record.named, *record.subsets}:
        if known != canary and label_of(known) == label_of(canary):
            rule = f"looks like {known} in names ('.' becomes '-')"
            return [Problem(f"{key}.canary.version", canary, rule, "choose another version name")]
    return []


def _check_stage(key: str, release: ReleaseSettings, record: Record) -> list[Problem]:
    """The same release: the stage follows by the table, the weight by the ladder."""
    legal = f"next: {_either(next_moves(release, record))}"
    up = release.stage is Stage.PROMOTED and record.stage is not Stage.PROMOTED
    if release.stage not in MAY_FOLLOW[record.stage] or (up and record.step < max(release.steps)):
        rule = f"may not follow {_recorded(record)}"
        return [Problem(f"{key}.stage", _shown(release), rule, legal)]
    ahead = [weight for weight in release.steps if weight > record.step]
    if release.stage is Stage.WEIGHTED and release.step > min(ahead, default=release.step):
        rule = f"the next step after {record.step} is {ahead[0]} (steps: {release.ladder})"
        return [Problem(f"{key}.canary_weight", str(release.step), rule, legal)]
    return []


def _shown(release: ReleaseSettings) -> str:
    at = f" ({release.step} %)" if release.stage is Stage.WEIGHTED else ""
    return f"{release.stage}{at}"


def _recorded(record: Record) -> str:
    at = f" ({record.step} %)" if record.stage is Stage.WEIGHTED else ""
    return f"{record.stage}{at}"


def _either(moves: tuple[str, ...]) -> str:
    return "; or ".join(moves)
