import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesh_canary.release import Record
from mesh_canary.settings import ReleaseSettings, Stage
from tests.builders import a_live_route, a_record, a_release, a_version, at

STAGES: tuple[int | str, ...] = ("dark", "mirror", 10, 50, "promoted", "rolled_back")


@pytest.mark.parametrize("stage", STAGES)
def test_a_record_comes_back_from_the_state_as_it_went_in(stage: int | str) -> None:
    record = a_record(stage)

    assert Record.from_outputs(json.loads(json.dumps(record.as_outputs()))) == record


@given(st.integers(min_value=1, max_value=99))
def test_a_weight_that_became_a_float_in_the_state_is_whole_again(weight: int) -> None:
    outputs = a_record(weight, steps=[weight]).as_outputs()
    record = Record.from_outputs({**outputs, "step": float(outputs["step"])})

    assert (record.step, type(record.step)) == (weight, int)


@pytest.mark.parametrize("change", [{"stage": "finished"}, {"step": "many"}, {"named": None}])
def test_what_is_no_record_is_refused(change: dict[str, object]) -> None:
    with pytest.raises((KeyError, ValueError, TypeError)):
        Record.from_outputs({**a_record().as_outputs(), **change})


def test_a_record_without_a_key_is_refused() -> None:
    outputs = a_record().as_outputs()
    del outputs["canary_image"]

    with pytest.raises((KeyError, TypeError)):
        Record.from_outputs(outputs)


@pytest.mark.parametrize("stage", [s for s in STAGES if s != "promoted"])
def test_stable_carries_until_the_canary_is_promoted(stage: int | str) -> None:
    assert a_record(stage).carrying[0] == "v1"
    assert a_record("promoted").carrying[0] == "v2"


@pytest.mark.parametrize("change", [{"namespace": "shop"}, {"service": "ratings"}])
def test_another_service_makes_another_release(change: dict[str, str]) -> None:
    release = a_release(**change)

    assert not a_record().is_of(release)
    assert not a_record().is_about(release)


@pytest.mark.parametrize(
    ("asked", "same"),
    [(at(10), True), (at(50), False), (at("dark"), False), (at(10, service="ratings"), False)],
)
def test_a_record_is_at_what_was_asked_for(asked: ReleaseSettings, same: bool) -> None:
    assert a_record(10).is_at(asked) == same


def test_a_record_says_what_runs() -> None:
    assert a_record("dark").running == ("v1", "v2")
    assert a_record("rolled_back").running == ("v1",)
    assert a_record("promoted", retire_stable=True).running == ("v2",)


@pytest.mark.parametrize("role", ["stable", "canary"])
@pytest.mark.parametrize("change", [{"version": "v9"}, {"image": "docker.io/team/reviews:9"}])
def test_another_version_or_image_makes_another_release(role: str, change: dict[str, str]) -> None:
    standing = {"stable": a_version("v1"), "canary": a_version("v2")}[role]

    assert not a_record().is_about(a_release(**{role: {**standing, **change}}))


@pytest.mark.parametrize(
    "changes",
    [
        {"steps": [5, 25]},
        {"testers": {"end-user": "jason"}},
        {"timeout_seconds": 2.5},
        {"canary": a_version("v2", replicas=3, env={"A": "b"})},
    ],
)
def test_other_keys_may_change_in_the_middle_of_a_release(changes: dict[str, object]) -> None:
    assert a_record().is_about(a_release(**changes))


def test_a_route_with_other_weights_than_our_note_was_edited_by_hand() -> None:
    assert a_live_route(weights={"v1": 70, "v2": 30}).edited_by_hand
    assert a_live_route(written_weights=None).edited_by_hand
    assert a_live_route(rules_edited=True).edited_by_hand
    assert not a_live_route().edited_by_hand


def test_a_route_that_is_not_there_was_not_edited() -> None:
    route = a_live_route(weights={}, written_weights=None)

    assert not route.exists
    assert not route.edited_by_hand


@pytest.mark.parametrize("stage", list(Stage))
def test_the_record_names_the_stage_that_was_applied(stage: Stage) -> None:
    weight = 50 if stage is Stage.WEIGHTED else str(stage)

    assert a_record(weight).stage is stage
    assert a_record(weight).step == at(weight).step
