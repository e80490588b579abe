import pytest

from tests.cluster.walk import STAGES, Walk, live_weights

LIVE = {
    "dark": {"v1": 100},
    "mirror": {"v1": 100},
    "weighted 10": {"v1": 90, "v2": 10},
    "weighted 50": {"v1": 50, "v2": 50},
    "promoted": {"v2": 100},
    "rolled_back": {"v1": 100},
}
RUNNING = {
    "nothing": {"v1"},
    "another dark": {"v1", "v2"},
    "dark": {"v1", "v2"},
    "mirror": {"v1", "v2"},
    "weighted 10": {"v1", "v2"},
    "weighted 50": {"v1", "v2"},
    "promoted": {"v1", "v2"},
    "rolled_back": {"v1"},
    "handed back": {"v1"},
}


@pytest.mark.parametrize("stage", [*RUNNING])
def test_a_second_run_of_the_same_stack_file_has_nothing_to_do(
    stage: str, reviews_walk: Walk
) -> None:
    assert reviews_walk.seen[stage].nothing_to_do


@pytest.mark.parametrize("stage", [*LIVE])
def test_the_live_route_has_the_weights_of_the_stack_file(stage: str, reviews_walk: Walk) -> None:
    seen = reviews_walk.seen[stage]

    assert live_weights(seen) == seen.output["weights"] == LIVE[stage]


@pytest.mark.parametrize("stage", [*RUNNING])
def test_the_versions_of_a_stage_run_and_no_others(stage: str, reviews_walk: Walk) -> None:
    seen = reviews_walk.seen[stage]

    assert set(seen.deployments) == {f"reviews-{version}" for version in RUNNING[stage]}
    assert {version: len(names) for version, names in seen.pods.items()} == dict.fromkeys(
        RUNNING[stage], 1
    )


@pytest.mark.parametrize("stage", [*LIVE])
def test_what_a_route_names_has_a_subset(stage: str, reviews_walk: Walk) -> None:
    seen = reviews_walk.seen[stage]
    rules = (seen.route or {})["spec"]["http"]

    named = {entry["destination"]["subset"] for rule in rules for entry in rule["route"]}
    assert named | {"v1", "v2"} == set(seen.subsets)


@pytest.mark.parametrize(
    ("stage", "rules"),
    [
        ("dark", ["testers", "live"]),
        ("mirror", ["testers", "mirrored", "live"]),
        ("weighted 10", ["testers", "live"]),
        ("weighted 50", ["testers", "live"]),
        ("promoted", ["live"]),
        ("rolled_back", ["live"]),
    ],
)
def test_the_route_has_the_rules_of_its_stage(
    stage: str, rules: list[str], reviews_walk: Walk
) -> None:
    route = reviews_walk.seen[stage].route or {}

    assert [rule["name"] for rule in route["spec"]["http"]] == rules


def test_the_running_stable_version_is_adopted_and_handed_back_as_it_is(reviews_walk: Walk) -> None:
    """From before the release to after it: one Deployment, one pod."""
    kept = {
        (seen.deployments["reviews-v1"], seen.pods["v1"]) for seen in reviews_walk.seen.values()
    }

    assert len(kept) == 1


def test_the_canary_runs_on_from_dark_to_promoted_as_it_is(reviews_walk: Walk) -> None:
    stages = [name for name in STAGES if name != "rolled_back"]
    kept = {
        (reviews_walk.seen[name].deployments["reviews-v2"], reviews_walk.seen[name].pods["v2"])
        for name in stages
    }

    assert len(kept) == 1


def test_another_canary_image_at_dark_changes_the_canary_alone(reviews_walk: Walk) -> None:
    before, after = reviews_walk.seen["another dark"], reviews_walk.seen["dark"]

    assert before.deployments == after.deployments
    assert before.pods["v2"] != after.pods["v2"]


def test_without_an_entry_nothing_of_the_release_is_left(reviews_walk: Walk) -> None:
    seen = reviews_walk.seen["handed back"]

    assert (seen.route, seen.subsets, seen.output) == (None, [], {})


def test_nobody_notices_a_whole_release(reviews_walk: Walk) -> None:
    """Adoption, another image at dark, every stage, a rollback after promotion, the hand-back: no failed answer."""
    assert reviews_walk.load.clean, reviews_walk.load
