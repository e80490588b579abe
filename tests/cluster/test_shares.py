"""What every stage does with real requests, sent through the sidecar of a client pod.

A share is right within an exact binomial interval. All checks of this folder together raise a false
alarm in one of 10^6 runs, and each tells a share that is off by 5 points in 99 % of all runs;
`tests/demo/test_statistics.py` sums both up.
"""

import pytest

from demo.statistics import FALSE_ALARMS, POWER, acceptance_region, power
from tests.cluster.walk import POSTS, SHARE_CHECKS, STAGES, TESTER_REQUESTS, Walk

CANARY_PERCENT = {
    "dark": 0,
    "mirror": 0,
    "weighted 10": 10,
    "weighted 50": 50,
    "promoted": 100,
    "rolled_back": 0,
}


@pytest.mark.parametrize("stage", [*STAGES])
def test_the_canary_answers_its_share_of_live_requests(stage: str, reviews_walk: Walk) -> None:
    answers, percent = reviews_walk.seen[stage].answers, CANARY_PERCENT[stage]

    assert answers.failed == 0, answers
    assert power(percent, answers.sent, SHARE_CHECKS) >= POWER
    region = acceptance_region(percent, answers.sent, SHARE_CHECKS)
    assert answers.by_version.get("v2", 0) in region, (answers, region, FALSE_ALARMS)
    assert answers.by_version.get("v1", 0) + answers.by_version.get("v2", 0) == answers.sent


@pytest.mark.parametrize("stage", ["dark", "rolled_back"])
def test_no_live_request_reaches_a_canary_without_weight(stage: str, reviews_walk: Walk) -> None:
    """Counted where requests arrive, not where answers come from."""
    seen = reviews_walk.seen[stage]

    assert seen.arrived == {"v1 GET": seen.answers.sent, "v1 POST": POSTS}


def test_mirrored_copies_equal_the_live_get_requests_and_none_is_of_a_post(
    reviews_walk: Walk,
) -> None:
    seen = reviews_walk.seen["mirror"]

    sent = seen.answers.sent
    assert seen.arrived == {"v1 GET": sent, "v1 POST": POSTS, "v2 GET": sent}


@pytest.mark.parametrize("stage", ["dark", "mirror", "weighted 10", "weighted 50"])
def test_testers_see_the_canary_at_every_stage_from_dark_on(stage: str, reviews_walk: Walk) -> None:
    testers = reviews_walk.seen[stage].testers

    assert testers.by_version == {"v2": TESTER_REQUESTS}


@pytest.mark.parametrize(("stage", "version"), [("promoted", "v2"), ("rolled_back", "v1")])
def test_testers_are_users_like_others_when_a_release_is_over(
    stage: str, version: str, reviews_walk: Walk
) -> None:
    assert reviews_walk.seen[stage].testers.by_version == {version: TESTER_REQUESTS}


@pytest.mark.parametrize("stage", ["weighted 10", "weighted 50", "promoted"])
def test_weights_hold_for_every_method(stage: str, reviews_walk: Walk) -> None:
    """Nothing is copied any more: what arrives is what was sent."""
    seen = reviews_walk.seen[stage]

    assert sum(seen.arrived.values()) == seen.answers.sent + POSTS
