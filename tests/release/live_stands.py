"""Releases, records and live routes by where they stand, for the tests of what a cluster holds."""

from mesh_canary.release import (
    LiveRoute,
    Record,
    TrafficSplit,
    check_transition,
    explain_live,
    plan_release,
)
from mesh_canary.release.traffic import split_between
from mesh_canary.settings import Problem, ReleaseSettings
from tests.builders import a_deployed, a_live_route, a_record, an_image, at

Stand = int | str
STEPS = [10, 25, 50]
STANDS: tuple[Stand, ...] = ("dark", "mirror", 10, 25, 50, "promoted", "rolled_back")
V1_STANDS = {("bookinfo", "reviews"): ("v1", an_image("v1"))}


def asked_for(stand: Stand) -> ReleaseSettings:
    """The release at a place of the ladder 10, 25, 50."""
    return at(stand, steps=STEPS)


def recorded(stand: Stand) -> Record:
    """What the state says once the release stood there."""
    return a_record(stand, steps=STEPS)


def routed(canary_percent: int) -> LiveRoute:
    """The route as we wrote it for a weight of v2."""
    return a_live_route(TrafficSplit(split_between("v1", "v2", canary_percent)))


def check(release: ReleaseSettings, record: Record | None, live: LiveRoute) -> list[Problem]:
    """What speaks against it, of the release called reviews."""
    return check_transition("reviews", release, record, live, {})


EDITED = a_live_route(weights={"v1": 30, "v2": 70})
CHANGES = [EDITED, LiveRoute({}), a_live_route(rules_edited=True)]


UNREADY = [
    ((a_deployed("v1"), a_deployed("v2", ready=1, wanted=2)), "v2 has 1 of 2 pods ready"),
    ((a_deployed("v1"), a_deployed("v2", ready=0, wanted=0)), "v2 has 0 of 1 pods ready"),
    ((a_deployed("v1"),), "v2 has no Deployment"),
]


def explained(stand: Stand, record: Record | None, live: LiveRoute | None) -> tuple[str, ...]:
    """What the operator of an accepted run is told."""
    plan = plan_release(asked_for(stand), record, live)
    return explain_live("reviews", plan, record, live)
