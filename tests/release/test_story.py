"""Two releases of reviews, one `pulumi up` after the other: v1 to v2 is promoted, v2 to v3 is rolled back.

Everything between a stack file and the manifests, without a cluster. `docs/a-release-step-by-step.md` quotes it.
"""

from typing import Any

from mesh_canary.release import Record, ReleasePlan, check_transition, plan_release
from mesh_canary.routing import ROUTERS, Route
from mesh_canary.settings import explain_problems, read_settings
from tests.builders import a_version, release_config, stack_config

ROUTE = Route("bookinfo", "reviews", 9080)


class Operator:
    """Edits a stack file and runs `pulumi up`, again and again."""

    def __init__(self, **release: Any) -> None:
        """Starts with a new stack."""
        self.release = release_config(**release)
        self.record: Record | None = None

    def up(self, **edit: Any) -> ReleasePlan:
        """Applies the stack file after an edit."""
        plan, refusal = self._run(edit)
        assert not refusal, refusal
        self.record = plan.record
        return plan

    def refused(self, **edit: Any) -> str:
        """What the preview says to an edit, which is taken back."""
        before = self.release
        _, refusal = self._run(edit)
        self.release = before
        return refusal

    def _run(self, edit: dict[str, Any]) -> tuple[ReleasePlan, str]:
        self.release = {**self.release, **edit}
        settings = read_settings(stack_config(releases={"reviews": self.release})).releases[
            "reviews"
        ]
        problems = check_transition("reviews", settings, self.record, None, {})
        return plan_release(settings, self.record), explain_problems(problems) if problems else ""


def answering(plan: ReleasePlan) -> dict[str, int]:
    """Percent of live requests by version, as the VirtualService says it."""
    (within_the_mesh,) = ROUTERS["istio"].make_routes(ROUTE, plan.split)
    live = within_the_mesh["spec"]["http"][-1]
    return {entry["destination"]["subset"]: entry["weight"] for entry in live["route"]}


def running(plan: ReleasePlan) -> set[str]:
    """The versions that run."""
    return {workload.version for workload in plan.workloads}


def test_a_release_goes_from_dark_to_promoted_and_the_next_one_is_rolled_back() -> None:
    operator = Operator(stage="dark", steps=[10, 50], testers={"end-user": "jason"})

    # v2 runs; jason sees it, nobody else does.
    plan = operator.up()
    assert running(plan) == {"v1", "v2"}
    assert answering(plan) == {"v1": 100}
    assert plan.split.tester_version == "v2"

    # Half of the users at once is too much, and the preview says what is not.
    assert (
        "next: stage: mirror, mirror_percent: 100; or stage: weighted, canary_weight: 10"
        in operator.refused(stage="weighted", canary_weight=50)
    )

    # v2 gets copies of what only reads; its answers are discarded.
    plan = operator.up(stage="mirror", mirror_percent=100)
    assert answering(plan) == {"v1": 100}
    assert plan.split.mirror is not None
    assert plan.split.mirror.methods == ("GET", "HEAD", "OPTIONS")

    # One user in ten, then every second one.
    plan = operator.up(stage="weighted", canary_weight=10)
    assert answering(plan) == {"v1": 90, "v2": 10}
    plan = operator.up(canary_weight=50)
    assert answering(plan) == {"v1": 50, "v2": 50}

    # Everybody; v1 is kept until somebody says that it may go.
    plan = operator.up(stage="promoted")
    assert answering(plan) == {"v2": 100}
    assert running(plan) == {"v1", "v2"}

    # The next release: what was promoted is stable now, and v1 goes.
    plan = operator.up(stable=a_version("v2"), canary=a_version("v3"), stage="dark")
    assert answering(plan) == {"v2": 100}
    assert running(plan) == {"v2", "v3"}
    assert str(plan.order[-1]) == "remove workload v1"

    plan = operator.up(stage="weighted", canary_weight=10)
    assert answering(plan) == {"v2": 90, "v3": 10}

    # v3 is no good: one word brings everybody back to v2.
    plan = operator.up(stage="rolled_back")
    assert answering(plan) == {"v2": 100}
    assert running(plan) == {"v2"}
    assert plan.notice == "v2 answers every request; v3 is removed."

    # And once more changes nothing.
    again = operator.up()
    assert (again.workloads, again.split, again.subsets) == (
        plan.workloads,
        plan.split,
        plan.subsets,
    )


def test_nobody_gets_a_canary_that_carried_no_traffic() -> None:
    operator = Operator(stage="dark")
    operator.up()

    refusal = operator.refused(stage="promoted")

    assert refusal == (
        "1 problem; nothing was changed\n"
        "releases.reviews.stage: promoted - may not follow dark\n"
        "  hint: next: stage: mirror, mirror_percent: 100; or stage: weighted, canary_weight: 10;"
        " or stage: rolled_back"
    )
