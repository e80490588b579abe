"""What a release does next: the plan of a stage, and which stage may follow which.

Read `traffic` (who gets what), then `plan` (what exists and in which order it is written), then
`transitions`. Where no mesh splits requests: `pod_counts`, `plan_pods`, `live_pods`.
"""

from mesh_canary.release.check_pods import check_pods
from mesh_canary.release.live import explain_live
from mesh_canary.release.live_route import Deployed, LiveRoute
from mesh_canary.release.plan import ReleasePlan, plan_release
from mesh_canary.release.plan_pods import VersionPods
from mesh_canary.release.pod_counts import PodBudget
from mesh_canary.release.record import Record, record_of
from mesh_canary.release.step import Action, Step
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
    "PodBudget",
    "Record",
    "ReleasePlan",
    "Step",
    "TrafficSplit",
    "VersionPods",
    "check_pods",
    "check_removal",
    "check_transition",
    "check_unfinished",
    "explain_live",
    "next_moves",
    "plan_release",
    "record_of",
]
