"""How many requests tell a right share from a wrong one, and which counts are still right.

A proxy picks a version for each request on its own, so of n requests a share p gets a number that
is binomial. The test is exact: no normal approximation anywhere. Two promises are kept at once,
and `tests/demo/test_statistics.py` sums both up exactly for every share from 1 to 99:

- right shares are called wrong in at most `FALSE_ALARMS` of all runs, all checks of a run together
  (each check gets its part: Bonferroni);
- a share that is off by `OFF_BY_PERCENT` points is caught in at least `POWER` of all runs.

Source of the display interval: Clopper and Pearson, Biometrika 26 (1934).
"""

from dataclasses import dataclass
from functools import cache

from scipy.stats import binom, binomtest

FALSE_ALARMS = 1e-6
"""Chance that a run in which every share is right fails all the same."""

POWER = 0.99
OFF_BY_PERCENT = 5
LEAST_SAMPLE = 2000
CONFIDENCE = 0.99
"""Of the interval that is shown beside a measured share."""

_SAMPLE_STEP = 100
_ALL_PERCENT = 100


@dataclass(frozen=True)
class Region:
    """The counts that pass: from `least` to `most`, both included."""

    least: int
    most: int

    def __contains__(self, count: int) -> bool:
        return self.least <= count <= self.most


def acceptance_region(percent: float, sample: int, checks: int) -> Region:
    """The counts out of `sample` that an intended share of `percent` may show.

    Outside it lies at most `FALSE_ALARMS / checks`, half of it on either side. Shares of 0 and
    100 are exact: one request elsewhere is one too many.
    """
    if percent in (0, 100):
        exact = sample if percent else 0
        return Region(exact, exact)
    tail = FALSE_ALARMS / checks / 2
    share = percent / 100
    least = int(binom.ppf(tail, sample, share))  # the first count with more than `tail` up to it
    most = int(binom.isf(tail, sample, share))  # the first count with at most `tail` above it
    return Region(least, most)


def chance_outside(region: Region, sample: int, percent: float) -> float:
    """The probability that a share of `percent` shows a count outside the region."""
    share = percent / 100
    below = binom.cdf(region.least - 1, sample, share)
    return float(below + binom.sf(region.most, sample, share))


def power(percent: float, sample: int, checks: int) -> float:
    """The probability that a share `OFF_BY_PERCENT` points beside `percent` is caught.

    Of the two such shares the one that is harder to tell; shares below 0 and above 100 are none.
    """
    region = acceptance_region(percent, sample, checks)
    wrong = (percent - OFF_BY_PERCENT, percent + OFF_BY_PERCENT)
    possible = [share for share in wrong if 0 <= share <= _ALL_PERCENT]
    return min(chance_outside(region, sample, share) for share in possible)


@cache
def sample_size(percent: float, checks: int) -> int:
    """How many requests are sent where `percent` is intended: hundreds, at least `LEAST_SAMPLE`."""
    sample = LEAST_SAMPLE
    while power(percent, sample, checks) < POWER:
        sample += _SAMPLE_STEP
    return sample


def display_interval(count: int, sample: int) -> tuple[float, float]:
    """The shares in percent that the count speaks for, at 99 % confidence (Clopper-Pearson)."""
    found = binomtest(count, sample).proportion_ci(CONFIDENCE, method="exact")
    return 100 * float(found.low), 100 * float(found.high)
