"""What pods that carry the weights cannot do: weights that they cannot give, and removals while they serve."""

from mesh_canary.release.live_route import LiveRoute
from mesh_canary.release.pod_counts import PodBudget, check_counts
from mesh_canary.settings import Problem, ReleaseSettings, Stage


def check_pods(
    name: str, release: ReleaseSettings, live: LiveRoute | None, budget: PodBudget
) -> list[Problem]:
    """What speaks against carrying out `release` with pods, whatever came before."""
    key = f"releases.{name}"
    return [*check_counts(key, release, budget), *_check_strangers(key, release, live)]


def _check_strangers(key: str, release: ReleaseSettings, live: LiveRoute | None) -> list[Problem]:
    """A version that serves and is no part of the release any more would be removed after everything else.

    Until then it would get more than its share, as stable has fewer pods already.
    """
    if live is None or release.stage is Stage.ROLLED_BACK:
        return []
    pair = {release.stable.version, release.canary.version}
    hint = "finish what was begun with it (the stack file as it was), or stage: rolled_back"
    return [
        Problem(key, "", f"{version} is behind the Service, and the release has no {version}", hint)
        for version in sorted(set(live.serving) - pair)
    ]
