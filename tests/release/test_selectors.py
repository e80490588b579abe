"""A Service that selects one version alone until a route needs both: what holds at every moment of every run.

`cluster_model` finds all that can happen, killed runs too.
"""

from collections.abc import Iterator

import pytest

from mesh_canary.release import Action, TrafficSplit, check_transition, plan_release
from tests.builders import a_record, at
from tests.release.cluster_model import NARROW_STARTS, STANDING, Cluster, Run, every_run

TESTERS = [False, True]


def moments(*, testers: bool) -> Iterator[tuple[Run, Cluster, TrafficSplit]]:
    """Every moment of every run with every route that some proxy may follow then."""
    for run in every_run(testers=testers, narrow=True):
        for moment in run.moments:
            yield from ((run, moment, route) for route in moment.routes if route)


@pytest.mark.parametrize("testers", TESTERS)
def test_the_search_meets_narrow_and_wide_services_and_new_stacks(testers: bool) -> None:
    runs = every_run(testers=testers, narrow=True)
    met = {selector for run in runs for moment in run.moments for selector in moment.selectors}

    assert {"", "v1", "v2", "v3"} <= met
    assert {run.start for run in runs} >= set(NARROW_STARTS)
    assert len(runs) > 3000


@pytest.mark.parametrize("testers", TESTERS)
def test_a_route_never_names_a_subset_whose_pods_the_service_does_not_select(
    testers: bool,
) -> None:
    """A subset can only choose among the endpoints of its Service: without them it answers 503."""
    for _, cluster, route in moments(testers=testers):
        for selector in cluster.selectors:
            assert selector == "" or route.named == {selector}


@pytest.mark.parametrize("testers", TESTERS)
def test_a_live_request_finds_its_version_among_the_pods_of_its_service(testers: bool) -> None:
    for _, cluster, route in moments(testers=testers):
        carrying = {version for version, _ in route.weights}

        assert all(carrying <= reached for reached in cluster.reached())


@pytest.mark.parametrize("testers", TESTERS)
def test_without_a_route_a_service_never_reaches_two_versions(testers: bool) -> None:
    for run in every_run(testers=testers, narrow=True):
        for cluster in run.moments:
            assert None not in cluster.routes or all(len(found) <= 1 for found in cluster.reached())


@pytest.mark.parametrize("testers", TESTERS)
def test_a_service_that_was_there_is_never_without_pods(testers: bool) -> None:
    for run in every_run(testers=testers, narrow=True):
        if None not in run.start.selectors:
            assert all(all(cluster.reached()) for cluster in (run.start, *run.moments))


@pytest.mark.parametrize("testers", TESTERS)
def test_a_finished_run_leaves_the_service_as_planned(testers: bool) -> None:
    for run in every_run(testers=testers, narrow=True):
        assert run.moments[-1].selectors == (run.plan.selector,)


@pytest.mark.parametrize("testers", TESTERS)
def test_planning_again_selects_the_same(testers: bool) -> None:
    for run in every_run(testers=testers, narrow=True):
        done, release = run.moments[-1], run.plan.release
        again = plan_release(release, done.record, done.live(), narrow=True)

        assert not check_transition("reviews", release, done.record, done.live(), STANDING)
        assert again.selector == run.plan.selector


def test_the_stages_of_a_release_widen_once_and_stay_wide() -> None:
    stages: list[int | str] = ["dark", "mirror", 10, 50, "promoted"]
    selected = [plan_release(at(stage), narrow=True).selector for stage in stages]

    assert selected == ["v1", "", "", "", ""]


def test_a_dark_release_with_testers_needs_both_versions() -> None:
    assert plan_release(at("dark", testers={"end-user": "jason"}), narrow=True).selector == ""


def test_a_rollback_narrows_when_no_route_names_the_canary_any_more() -> None:
    plan = plan_release(at("rolled_back"), a_record(50), narrow=True)

    assert [str(step) for step in plan.order] == [
        "apply workload v1",
        "apply subsets",
        "wait for proxies",
        "apply route",
        "wait for proxies",
        "narrow selector to v1",
        "remove workload v2",
    ]


def test_a_first_mirror_widens_when_the_canary_is_ready_and_before_it_is_routed_to() -> None:
    plan = plan_release(at("mirror"), a_record("dark"), narrow=True)

    assert [str(step) for step in plan.order] == [
        "apply workload v1",
        "apply workload v2",
        "widen selector",
        "wait for proxies",
        "apply subsets",
        "wait for proxies",
        "apply route",
    ]


def test_a_first_dark_release_routes_to_stable_before_the_canary_starts() -> None:
    plan = plan_release(at("dark"), narrow=True)

    assert [str(step) for step in plan.order] == [
        "apply workload v1",
        "narrow selector to v1",
        "apply subsets",
        "wait for proxies",
        "apply route",
        "wait for proxies",
        "apply workload v2",
    ]


@pytest.mark.parametrize("stage", ["dark", "mirror", 10, "promoted", "rolled_back"])
def test_a_service_that_selects_every_version_is_none_of_a_releases_business(
    stage: int | str,
) -> None:
    plan = plan_release(at(stage))

    assert plan.selector is None
    assert not {Action.WIDEN_SELECTOR, Action.NARROW_SELECTOR} & {s.action for s in plan.order}
