"""Both promises of the acceptance test, summed up from the binomial distribution itself."""

from fractions import Fraction
from math import comb, fsum

import pytest
from scipy.stats import binom

from demo.statistics import (
    FALSE_ALARMS,
    LEAST_SAMPLE,
    POWER,
    acceptance_region,
    display_interval,
    power,
    sample_size,
)

CHECKS = 8
"""As many as a walk has stages; more only widen the regions."""

SHARES = range(1, 100)


def summed_outside(least: int, most: int, sample: int, percent: float) -> float:
    """Chance of a count below `least` or above `most`: the sum of one probability per count."""
    outside = [*range(least), *range(most + 1, sample + 1)]
    return fsum(binom.pmf(outside, sample, percent / 100))


@pytest.mark.parametrize("percent", SHARES)
def test_a_right_share_fails_no_more_often_than_once_in_a_million_runs(percent: int) -> None:
    sample = sample_size(percent, CHECKS)
    region = acceptance_region(percent, sample, CHECKS)

    alarm = summed_outside(region.least, region.most, sample, percent)

    assert alarm * CHECKS <= FALSE_ALARMS


@pytest.mark.parametrize("percent", SHARES)
def test_a_share_that_is_wrong_by_5_points_is_caught_in_99_of_100_runs(percent: int) -> None:
    sample = sample_size(percent, CHECKS)
    region = acceptance_region(percent, sample, CHECKS)
    wrong = [p for p in (percent - 5, percent + 5) if 0 <= p <= 100]

    caught = [summed_outside(region.least, region.most, sample, p) for p in wrong]

    assert sample >= LEAST_SAMPLE
    assert min(caught) >= POWER
    assert min(caught) == pytest.approx(power(percent, sample, CHECKS))


@pytest.mark.parametrize("percent", [10, 50])
def test_a_share_that_is_wrong_by_more_is_caught_too(percent: int) -> None:
    sample = sample_size(percent, CHECKS)
    region = acceptance_region(percent, sample, CHECKS)

    further = [percent + off for off in range(5, 41)]

    assert all(summed_outside(region.least, region.most, sample, p) >= POWER for p in further)


@pytest.mark.parametrize("percent", [10, 50])
def test_the_region_could_not_be_narrower(percent: int) -> None:
    sample = sample_size(percent, CHECKS)
    region = acceptance_region(percent, sample, CHECKS)
    side = FALSE_ALARMS / CHECKS / 2

    assert fsum(binom.pmf(range(region.least + 1), sample, percent / 100)) > side
    assert fsum(binom.pmf(range(region.most, sample + 1), sample, percent / 100)) > side


def test_the_probabilities_that_are_summed_are_those_of_whole_number_arithmetic() -> None:
    sample, percent = 2000, 10
    for count in (120, 200, 280):
        exact = comb(sample, count) * Fraction(percent, 100) ** count
        exact *= Fraction(100 - percent, 100) ** (sample - count)
        assert binom.pmf(count, sample, percent / 100) == pytest.approx(float(exact), rel=1e-9)


@pytest.mark.parametrize(("percent", "right", "wrong"), [(0, 0, 1), (100, 2000, 1999)])
def test_a_single_request_elsewhere_breaks_a_share_of_0_or_100(
    percent: int, right: int, wrong: int
) -> None:
    region = acceptance_region(percent, 2000, CHECKS)

    assert right in region
    assert wrong not in region
    assert sample_size(percent, CHECKS) == LEAST_SAMPLE


def test_the_shown_interval_is_clopper_and_pearsons() -> None:
    """Its ends are the shares for which the count is just at the edge of the 99 %."""
    low, high = display_interval(209, 2000)

    assert binom.sf(208, 2000, low / 100) == pytest.approx(0.005)
    assert binom.cdf(209, 2000, high / 100) == pytest.approx(0.005)


def test_an_interval_around_none_or_all_ends_there() -> None:
    assert display_interval(0, 2000)[0] == 0
    assert display_interval(2000, 2000)[1] == 100
