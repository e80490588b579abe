"""What holds at every moment of every release without a mesh, also of killed runs: `pods_model` finds all of them."""

from collections.abc import Iterator
from itertools import pairwise

import pytest

from mesh_canary.release import PodBudget, check_pods, check_transition, plan_release
from mesh_canary.settings import Stage
from tests.builders import a_budget, a_version, at
from tests.release.pods_model import STANDING, PodCluster, PodRun, every_run

FEW = (a_budget(), (25, 50))
MANY = (a_budget(max_pods=10), (10, 50))
ENDED = (Stage.PROMOTED, Stage.ROLLED_BACK)

pytestmark = pytest.mark.parametrize(("budget", "steps"), [FEW, MANY], ids=["few", "many"])
Steps = tuple[int, ...]


def moments(budget: PodBudget, steps: Steps) -> Iterator[tuple[PodRun, PodCluster]]:
    """Every moment of every run."""
    for run in every_run(budget, steps):
        yield from ((run, moment) for moment in run.moments)


def test_the_search_sees_killed_runs_and_finished_ones(budget: PodBudget, steps: Steps) -> None:
    runs = every_run(budget, steps)

    assert len(runs) > 1000
    assert {run.plan.release.stage for run in runs} == set(Stage) - {Stage.MIRROR}
    assert {run.start.record is None for run in runs} == {True, False}


def test_capacity_never_drops(budget: PodBudget, steps: Steps) -> None:
    """As many pods serve as stable has alone, or as serve before or after, whichever is less."""
    for run, moment in moments(budget, steps):
        before, after = (sum(c.serving.values()) for c in (run.start, run.moments[-1]))

        assert sum(moment.serving.values()) >= min(before, after)
        assert sum(moment.serving.values()) >= budget.stable


def leaving(run: PodRun) -> set[str]:
    """The versions that serve and are removed, but for a stable one that was promoted away from."""
    kept = {w.version for w in run.plan.workloads} | {run.plan.release.stable.version}
    return run.start.serving.keys() - kept


def test_the_canary_never_gets_more_than_before_or_after(budget: PodBudget, steps: Steps) -> None:
    for run, moment in moments(budget, steps):
        canary = run.plan.release.canary.version
        most = max(run.start.share(canary), run.moments[-1].share(canary))

        assert moment.share(canary) <= most or canary in leaving(run)


def test_those_who_leave_get_no_more_on_the_way(budget: PodBudget, steps: Steps) -> None:
    """Together: versions that go are removed after everything else, beside a stable that does not shrink meanwhile."""
    for run, moment in moments(budget, steps):
        going = leaving(run)

        assert sum(map(moment.share, going)) <= sum(map(run.start.share, going))


def test_pods_of_stable_never_start_anew(budget: PodBudget, steps: Steps) -> None:
    """Their label stays; only a canary's changes."""
    for run, moment in moments(budget, steps):
        stable = run.plan.release.stable.version
        before, after = dict(run.start.running).get(stable), dict(moment.running).get(stable)
        if before and after and before.joined != after.joined:
            record = run.start.record
            assert record is None or stable != record.carrying[0]


def test_a_dark_canary_is_not_behind_the_service(budget: PodBudget, steps: Steps) -> None:
    for run in every_run(budget, steps):
        release = run.plan.release
        if release.stage in (Stage.DARK, Stage.ROLLED_BACK):
            assert set(run.moments[-1].serving) == {release.stable.version}


def test_a_new_canary_starts_outside_the_service(budget: PodBudget, steps: Steps) -> None:
    """Unless the release is recorded: then its pods served before."""
    for run in every_run(budget, steps):
        before = dict(run.start.running)
        for moment in run.moments:
            for version, deployed in moment.running:
                if version not in before and deployed.joined and deployed.wanted:
                    record = run.start.record
                    assert record is not None
                    assert version in (record.stable, record.canary)


def test_a_share_rises_all_the_way_or_falls_all_the_way(budget: PodBudget, steps: Steps) -> None:
    """Of a finished stage; what a killed run left may be further away, on the other side."""
    for run in every_run(budget, steps):
        record, canary = run.start.record, run.plan.release.canary.version
        if record is None or dict(record.pods) != run.start.serving:
            continue
        shares = [c.share(canary) for c in (run.start, *run.moments)]
        turns = [one < two for one, two in pairwise(shares) if one != two]

        assert len(set(turns)) <= 1


def test_planning_again_what_was_applied_asks_for_nothing_new(
    budget: PodBudget, steps: Steps
) -> None:
    for run in every_run(budget, steps):
        done, plan = run.moments[-1], run.plan
        again = plan_release(plan.release, done.record, done.live, budget=budget)

        assert not check_pods("reviews", plan.release, done.live, budget)
        assert not check_transition("reviews", plan.release, done.record, done.live, STANDING)
        assert (plan.workloads, plan.pods, plan.split) == (again.workloads, again.pods, again.split)
        assert plan.record == again.record
        assert {w.version for w in plan.workloads} == dict(done.running).keys()


def test_a_release_can_always_be_rolled_back(budget: PodBudget, steps: Steps) -> None:
    """To the stable version of the last finished run, whatever was begun and killed since."""
    for cluster in {moment for _, moment in moments(budget, steps)}:
        if record := cluster.record:
            pair = {"stable": a_version(record.stable), "canary": a_version(record.canary)}
            back, live = at("rolled_back", **pair, steps=list(steps)), cluster.live

            assert not check_pods("reviews", back, live, budget)
            assert not check_transition("reviews", back, record, live, STANDING)


def test_a_canary_never_gets_more_than_the_next_step(budget: PodBudget, steps: Steps) -> None:
    """Counted from what it carries in fact, also after a step or a rollback that was killed."""
    for run in every_run(budget, steps):
        release = run.plan.release
        carried = 100 * run.start.share(release.canary.version)
        ahead = [step for step in (*steps, 100) if step > carried + budget.tolerance_percent]

        assert release.step <= max(carried + budget.tolerance_percent, ahead[0] if ahead else 100)
