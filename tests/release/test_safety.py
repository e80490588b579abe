"""What holds at every moment of every release, also of killed runs: `cluster_model` finds all that can happen."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from mesh_canary.release import ReleasePlan, TrafficSplit, check_transition, plan_release
from mesh_canary.settings import ReleaseSettings, Stage
from tests.builders import a_version, at
from tests.release.cluster_model import STANDING, Cluster, Run, every_run, requests

ENDED = (Stage.PROMOTED, Stage.ROLLED_BACK)


def moments(*, testers: bool) -> Iterator[tuple[Run, Cluster, TrafficSplit]]:
    """Every moment of every run with every route that some proxy may follow then."""
    for run in every_run(testers=testers):
        for moment in run.moments:
            yield from ((run, moment, route) for route in moment.routes if route)


def test_the_search_sees_killed_runs_and_finished_ones() -> None:
    runs = every_run(testers=True)

    assert len(runs) > 5000
    assert {run.plan.release.stage for run in runs} == set(Stage)
    assert {run.start.record is None for run in runs} == {True, False}


@pytest.mark.parametrize("testers", [False, True])
def test_a_live_request_finds_its_version_at_every_moment(testers: bool) -> None:
    """It runs, and it has a subset in whatever a proxy knows."""
    for _, cluster, route in moments(testers=testers):
        carrying = {version for version, _ in route.weights}

        assert carrying <= cluster.running
        assert all(carrying <= subsets for subsets in cluster.subsets)


@pytest.mark.parametrize("testers", [False, True])
def test_whatever_a_route_names_has_a_subset_at_every_moment(testers: bool) -> None:
    for _, cluster, route in moments(testers=testers):
        assert all(route.named <= subsets for subsets in cluster.subsets)


@pytest.mark.parametrize("testers", [False, True])
def test_a_copy_goes_to_a_version_that_runs(testers: bool) -> None:
    for _, cluster, route in moments(testers=testers):
        assert not route.mirror or route.mirror.version in cluster.running


def test_testers_find_the_canary_but_while_a_first_up_starts_it() -> None:
    """The first route is written before the canary's pods: without one, everybody would reach them."""
    for run, cluster, route in moments(testers=True):
        if run.start.record is not None and route.tester_version:
            assert route.tester_version in cluster.running


@pytest.mark.parametrize("testers", [False, True])
def test_without_a_route_only_one_version_runs(testers: bool) -> None:
    """A Service without a route spreads requests over everything it selects."""
    for run in every_run(testers=testers):
        for cluster in run.moments:
            assert None not in cluster.routes or len(cluster.running) <= 1


@pytest.mark.parametrize("testers", [False, True])
def test_a_dark_canary_gets_no_live_request(testers: bool) -> None:
    """From the moment on that proxies know its route, until another stage is asked for."""
    for run in every_run(testers=testers):
        release, last = run.plan.release, run.moments[-1].routes[-1]
        if release.stage in (Stage.DARK, Stage.MIRROR, Stage.ROLLED_BACK):
            assert last is not None
            assert last.weight_of(release.canary.version) == 0
            assert last.weight_of(release.stable.version) == 100


@pytest.mark.parametrize("testers", [False, True])
def test_shares_go_from_the_old_to_the_new_without_anything_between(testers: bool) -> None:
    for run in every_run(testers=testers):
        old_and_new = {run.start.routes[-1], run.plan.split}

        assert {route for cluster in run.moments for route in cluster.routes} <= old_and_new


@pytest.mark.parametrize("testers", [False, True])
def test_planning_again_what_was_applied_asks_for_nothing_new(testers: bool) -> None:
    for run in every_run(testers=testers):
        done, plan = run.moments[-1], run.plan
        again = plan_release(plan.release, done.record, done.live())

        assert not check_transition("reviews", plan.release, done.record, done.live(), STANDING)
        assert (plan.workloads, plan.subsets, plan.split) == (
            again.workloads,
            again.subsets,
            again.split,
        )
        assert plan.record == again.record
        assert {w.version for w in plan.workloads} == done.running


@pytest.mark.parametrize("testers", [False, True])
def test_a_release_can_always_be_rolled_back(testers: bool) -> None:
    """To the stable version of the last finished run, whatever was begun and killed since."""
    for cluster in {
        moment.settled() for run in every_run(testers=testers) for moment in run.moments
    }:
        if record := cluster.record:
            pair = {"stable": a_version(record.stable), "canary": a_version(record.canary)}
            back = at("rolled_back", **pair, steps=[50])

            assert not check_transition("reviews", back, record, cluster.live(), STANDING)


def test_a_canary_never_gets_more_than_the_next_step() -> None:
    """Counted from what it carries in fact, also after a step or a rollback that was killed."""
    next_step = {0: 10, 10: 50, 50: 100, 100: 100}
    for run in every_run(testers=False, steps=(10, 50)):
        before, canary = run.start.routes[-1], run.plan.release.canary.version
        carried = before.weight_of(canary) if before else 0

        assert run.plan.split.weight_of(canary) <= next_step.get(carried, carried)


def test_the_next_release_starts_from_what_carries_in_fact() -> None:
    """Not from a version that a killed rollback has left already; at most from one that its canary took a step from.

    A rollback may name any canary, and is none.
    """
    for run in every_run(testers=False, steps=(10, 50)):
        record, route, release = run.start.record, run.start.routes[-1], run.plan.release
        if release.stage is Stage.ROLLED_BACK and record:
            assert record.may_return_to(release) or record.stage in (Stage.DARK, *ENDED)
        elif record and route and not record.is_about(release):
            assert route.weight_of(release.stable.version) >= 90


def test_no_version_gets_more_requests_while_its_pods_are_missing() -> None:
    """But stable by a step down; and by a rollback, which notes what is missing and so waits for it.

    Pulumi does not wait for a Deployment that is as it was. Asked of every stop between two runs.
    """
    for cluster, version, release, plan in gains_without_pods():
        if release.stage is Stage.ROLLED_BACK:
            assert f"{version} has 0 of 1 pods ready" in plan.record.revived
        elif cluster.record and release.step > cluster.record.step:
            assert version == release.stable.version, (cluster, release)


def test_nor_does_the_canary_after_a_step_down_that_was_killed() -> None:
    """The record has the step that it stood at before; the route is below."""
    gaining = {(v, release.stable.version) for _, v, release, _ in gains_without_pods()}

    assert all(version == stable for version, stable in gaining)


def gains_without_pods() -> Iterator[tuple[Cluster, str, ReleaseSettings, ReleasePlan]]:
    """Every accepted request that gives more to a version whose pods are missing."""
    asked = requests(testers=False, steps=(50,))
    stops = {moment.settled() for run in every_run(testers=False) for moment in run.moments}
    for cluster in stops:
        route = cluster.routes[-1]
        for version in cluster.running if route and cluster.record else ():
            found = cluster.live()
            deployed = (replace(d, ready=d.ready * (d.version != version)) for d in found.deployed)
            live = replace(found, deployed=tuple(deployed))
            for release in asked:
                plan = plan_release(release, cluster.record, live)
                more = route and plan.split.weight_of(version) > route.weight_of(version)
                if more and not check_transition(
                    "reviews", release, cluster.record, live, STANDING
                ):
                    yield cluster, version, release, plan
