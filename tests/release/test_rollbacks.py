"""What a rollback puts back, because Pulumi would see no difference and write nothing."""

from dataclasses import replace

import pytest

from mesh_canary.release import (
    Deployed,
    LiveRoute,
    explain_live,
    plan_release,
)
from mesh_canary.release.live_route import PUT_BACK
from tests.builders import a_deployed, a_record, a_version, at
from tests.release.live_stands import (
    CHANGES,
    EDITED,
    STANDS,
    UNREADY,
    Stand,
    asked_for,
    recorded,
    routed,
)


@pytest.mark.parametrize("live", CHANGES)
def test_a_rollback_takes_an_edit_by_hand_back(live: LiveRoute) -> None:
    """Pulumi compares with its own state, so the plan has to differ for the route to be written."""
    back = asked_for("rolled_back")
    plan = plan_release(back, recorded("dark"), live)
    again = plan_release(back, plan.record, routed(0))
    (warning,) = explain_live("reviews", plan, recorded("dark"), live)

    assert plan.record.put_back
    assert again.record == plan.record
    assert warning.endswith("this run puts it back" if live.exists else PUT_BACK)


@pytest.mark.parametrize(("running", "missing"), UNREADY)
def test_a_rollback_waits_for_a_stable_version_without_any_pod(
    running: tuple[Deployed, ...], missing: str
) -> None:
    """Pulumi waits for what it writes, and it would write nothing. With some pods there it does not wait for all."""
    live = replace(routed(10), deployed=running)
    release = at("rolled_back", stable=a_version("v2"), canary=a_version("v3"))
    record = a_record(10, stable=a_version("v2"), canary=a_version("v3"))
    some = any(deployed.version == "v2" and deployed.ready for deployed in running)

    assert plan_release(release, record, live).record.revived == ("" if some else missing)
    assert plan_release(release, record, live).record.put_back == ""


def test_a_rollback_names_everything_that_it_puts_back() -> None:
    live = replace(EDITED, deployed=(a_deployed("v1", ready=0),))
    record = plan_release(asked_for("rolled_back"), recorded("dark"), live).record

    assert record.put_back.startswith("the live route was changed by somebody else: ")
    assert record.revived == "v1 has 0 of 1 pods ready"


def test_a_rollback_over_what_is_whole_puts_nothing_back() -> None:
    live = replace(routed(10), deployed=(a_deployed("v1"), a_deployed("v2", ready=0)))

    assert plan_release(asked_for("rolled_back"), recorded(10), live).record.revived == ""


def test_what_a_rollback_puts_back_twice_is_said_otherwise() -> None:
    """Or Pulumi would see no difference the second time, and write nothing."""
    back, live = asked_for("rolled_back"), replace(routed(0), deployed=(a_deployed("v1", ready=0),))
    once = plan_release(back, recorded(10), live).record
    twice = plan_release(back, once, live).record
    thrice = plan_release(back, twice, live).record

    assert len({once.revived, twice.revived}) == 2
    assert twice.revived != thrice.revived


def test_what_a_rollback_took_back_is_forgotten_at_the_next_stage() -> None:
    back = plan_release(asked_for("rolled_back"), recorded("dark"), EDITED)

    assert plan_release(asked_for("dark"), back.record, routed(0)).record.put_back == ""


@pytest.mark.parametrize("stand", [s for s in STANDS if s != "rolled_back"])
def test_only_a_rollback_takes_an_edit_by_hand_back(stand: Stand) -> None:
    assert plan_release(asked_for(stand), recorded(stand), EDITED).record.put_back == ""
