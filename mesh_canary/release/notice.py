"""What users will notice of a stage whose weights proxies carry, in one sentence."""

from typing import assert_never

from mesh_canary.release.traffic import explain_weights, split_between
from mesh_canary.settings import ReleaseSettings, Stage


def explain_notice(release: ReleaseSettings) -> str:
    """One sentence on what users will notice at the stage of `release`."""
    stable, canary = release.stable.version, release.canary.version
    match release.stage:
        case Stage.DARK:
            notice = (
                f"Users notice nothing: {stable} answers every request; {canary} runs and waits."
            )
        case Stage.MIRROR:
            methods = ", ".join(release.mirror_methods)
            notice = (
                f"Users notice nothing: {stable} answers every request;"
                f" {canary} gets copies of {release.mirror_percent} % of {methods}, its answers are discarded."
            )
            if writes := ", ".join(release.mirrored_writes):
                notice += f" What {writes} write is written twice, once by either version."
        case Stage.WEIGHTED:
            shares = explain_weights(dict(split_between(stable, canary, release.step)))
            notice = f"One request in {100 / release.step:.3g} is answered by {canary}: {shares}."
        case Stage.PROMOTED:
            kept = f"{stable} is removed" if release.retire_stable else f"{stable} is kept, idle"
            notice = f"{canary} answers every request; {kept}."
        case Stage.ROLLED_BACK:
            notice = f"{stable} answers every request; {canary} is removed."
        case _:
            assert_never(release.stage)
    testers = release.testers and release.stage in (Stage.DARK, Stage.MIRROR, Stage.WEIGHTED)
    if testers:
        notice += f" Testers see {canary}."
    if unrouted := " and ".join(version.version for version in release.unrouted):
        notice += f" No request reaches {unrouted}."
    return notice
