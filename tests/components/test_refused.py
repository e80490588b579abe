"""What may not be applied is refused before anything is registered."""

from typing import Any

import pytest

from tests.builders import release_config, stack_config
from tests.components.recorder import refused, run_program


@pytest.mark.parametrize(
    "config",
    [
        stack_config(releases={"reviews": release_config(stage="weighted")}),
        stack_config(releases={"reviews": release_config(stage="weighted", canary_weight=10)}),
        stack_config(cluster=None),
        {},
    ],
)
def test_nothing_is_registered_when_the_stack_file_is_refused(config: dict[str, Any]) -> None:
    message, run = refused(config)

    assert "nothing was changed" in message
    assert run.resources == []


def test_an_illegal_move_is_refused_before_anything_is_registered() -> None:
    dark = run_program(stack_config())
    promoted = stack_config(releases={"reviews": release_config(stage="promoted")})
    message, run = refused(promoted, dark)

    assert "promoted - may not follow dark" in message
    assert run.resources == []


def test_a_record_that_cannot_be_read_is_explained() -> None:
    dark = run_program(stack_config())
    dark.outputs[dark["reviews"].urn] = {"record": {"stage": "finished"}}
    message, run = refused(stack_config(), dark)

    assert "cannot be read" in message
    assert "hint:" in message
    assert run.resources == []


def test_an_up_on_a_cluster_that_does_not_answer_is_refused() -> None:
    """It would work in the dark."""
    message, run = refused(stack_config(), answers=False)

    assert "the cluster did not say which routes are in force: ConnectionRefusedError" in message
    assert run.resources == []
