"""What a release does next: the plan of a stage, and which stage may follow which.

Read `traffic` (who gets what), then `plan` (what exists and in which order it is written), then
`transitions`.
"""

from mesh_canary.release.live import explain_live
from mesh_canary.release.plan import Action, ReleasePlan, Step, plan_release
from mesh_canary.release.record import Deployed, LiveRoute, Record, record_of
from mesh_canary.release.traffic import Mirror, TrafficSplit
from mesh_canary.release.transitions import (
    check_removal,
    check_transition,
    check_unfinished,
    next_moves,
)

__all__ = [
    "Action",
    "Deployed",
    "LiveRoute",
    "Mirror",
    "Record",
    "ReleasePlan",
    "Step",
    "TrafficSplit",
    "check_removal",
    "check_transition",
    "check_unfinished",
    "explain_live",
    "next_moves",
    "plan_release",
    "record_of",
]
