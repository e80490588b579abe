"""A weight as numbers of pods, where nothing splits requests: every ready pod behind a Service gets an equal share.

kube-proxy picks a pod for each new connection, every one with the same chance (Source: Kubernetes 1.36, Services,
"Virtual IPs": iptables mode, at random), so the canary's share is its share of the pods. 10 % is 9 + 1 pods.
"""

from dataclasses import dataclass
from fractions import Fraction

from mesh_canary.settings import Problem, ReleaseSettings, Stage

MOST_PODS = 100
"""How far `max_pods` may be raised, and so how far a hint looks."""


@dataclass(frozen=True)
class PodBudget:
    """What a release by pod counts may use."""

    stable: int
    """Pods of stable where it serves alone; at a weight both versions together have at least as many."""
    canary: int
    """Pods of the canary where it serves alone."""
    max_pods: int
    """Most pods that both versions together have at a weight; while an `up` runs, there may be more."""
    tolerance_percent: float
    """How far the share may be from the weight, in points: 1 accepts 9 % to 11 % for a weight of 10."""


@dataclass(frozen=True)
class PodCounts:
    """Pods behind the Service at a weight; at least one of each version."""

    stable: int
    canary: int

    @property
    def share_percent(self) -> Fraction:
        """Percent of new connections that reach the canary."""
        return Fraction(100 * self.canary, self.stable + self.canary)

    def off_by(self, weight: int) -> Fraction:
        """Points between the share and `weight`."""
        return abs(self.share_percent - weight)

    def __str__(self) -> str:
        """The counts as an operator reads them: 9 + 1."""
        return f"{self.stable} + {self.canary}"


def nearest_counts(weight: int, least: int, most: int) -> PodCounts:
    """The counts of `least` to `most` pods in all whose share comes nearest to `weight`, 1 to 99 percent.

    Of equally near ones those with fewer pods, then those with fewer of the canary. There are at least 2 pods: below
    that no two versions serve, so `most` is taken as 2.
    """
    candidates = (
        PodCounts(pods - canary, canary)
        for pods in range(max(2, least), max(2, least, most) + 1)
        for canary in {weight * pods // 100, weight * pods // 100 + 1}
        if 0 < canary < pods
    )
    return min(candidates, key=lambda c: (c.off_by(weight), c.stable + c.canary, c.canary))


def counts_for(weight: int, budget: PodBudget) -> PodCounts:
    """The counts that `budget` allows for `weight`, near enough or not."""
    return nearest_counts(weight, budget.stable, budget.max_pods)


def check_counts(key: str, release: ReleaseSettings, budget: PodBudget) -> list[Problem]:
    """Refuses steps that pods cannot give, the whole ladder at once; never on the way back."""
    if release.stage in (Stage.PROMOTED, Stage.ROLLED_BACK):
        return []
    least = max(2, budget.stable)
    if budget.max_pods < least:
        rule = f"stable alone has {budget.stable}, a weight needs a pod of the canary as well, and no stage has fewer"
        hint = f"set max_pods: {least} or more"
        return [Problem(f"{key}.max_pods", str(budget.max_pods), rule, hint)]
    return [
        Problem(f"{key}.steps[{index}]", str(weight), *_explain(weight, counts, budget))
        for index, weight in enumerate(release.steps)
        if not _is_near((counts := counts_for(weight, budget)), weight, budget)
    ]


def _is_near(counts: PodCounts, weight: int, budget: PodBudget) -> bool:
    return counts.off_by(weight) <= Fraction(str(budget.tolerance_percent))


def _explain(weight: int, counts: PodCounts, budget: PodBudget) -> tuple[str, str]:
    """Why `weight` cannot be, and what can: the nearest weight that these pods give, and pods that give this one."""
    rule = (
        f"{counts} of at most {budget.max_pods} pods come nearest and give {as_percent(counts.share_percent)} %,"
        f" further off than tolerance_percent: {budget.tolerance_percent:g}"
    )
    ways = []
    if (near := nearest_weight(weight, budget)) is not None:
        ways.append(
            f"{near} is the nearest weight that these pods give ({counts_for(near, budget)})"
        )
    if enough := _pods_for(weight, budget):
        more = nearest_counts(weight, budget.stable, enough)
        ways.append(f"max_pods: {enough} allows {more} pods")
    ways.append("or raise tolerance_percent" if ways else "raise tolerance_percent")
    return rule, "; ".join(ways)


def nearest_weight(weight: int, budget: PodBudget) -> int | None:
    """The weight nearest to `weight` that the budget gives; None where it gives none within its tolerance.

    That is the share that comes nearest, as a whole number; where that is too far off, the nearest one that is not,
    the lower one of two.
    """
    given = [w for w in range(1, 100) if _is_near(counts_for(w, budget), w, budget)]
    share = round(counts_for(weight, budget).share_percent)
    return min(given, key=lambda w: (w != share, abs(w - weight), w), default=None)


def _pods_for(weight: int, budget: PodBudget) -> int | None:
    """The smallest `max_pods` with which `weight` can be given; None where no allowed number is enough."""
    for most in range(budget.max_pods + 1, MOST_PODS + 1):
        if _is_near(nearest_counts(weight, most, most), weight, budget):
            return most
    return None


def as_percent(share: Fraction) -> str:
    """A share as it is read: 10, 33.3."""
    return f"{float(share):.3g}"
