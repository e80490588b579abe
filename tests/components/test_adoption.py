"""The first `up` on what somebody else applied: their Deployments are told, then taken over, or refused at preview."""

from typing import Any

import pytest

from tests.builders import release_config, stack_config
from tests.components.recorder import refused, run_program
from tests.components.run import Run
from tests.workloads.test_adoption import theirs

APP = stack_config(releases={})
RELEASE = stack_config(releases={"reviews": release_config()})


@pytest.fixture
def warnings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the program warns of."""
    said: list[str] = []
    monkeypatch.setattr("pulumi.log.warn", said.append)
    return said


@pytest.mark.parametrize(("config", "key"), [(APP, "apps.bookinfo"), (RELEASE, "releases.reviews")])
def test_a_deployment_of_somebody_else_is_told_and_taken_over(
    config: dict[str, Any], key: str, warnings: list[str]
) -> None:
    run = run_program(config, Run(strangers=[theirs()]))
    names = [r.inputs["metadata"]["name"] for r in run.of_type("Deployment")]

    assert "reviews-v1" in names
    assert [said.partition(":")[0] for said in warnings] == [key]


@pytest.mark.parametrize(("config", "key"), [(APP, "apps.bookinfo"), (RELEASE, "releases.reviews")])
def test_one_that_selects_other_pods_is_refused_before_anything_is_registered(
    config: dict[str, Any], key: str
) -> None:
    other = theirs(selector={"matchLabels": {"app": "reviews"}})
    message, run = refused(config, Run(strangers=[other]))

    assert message.splitlines()[1].startswith(f"{key} - Deployment reviews-v1 in namespace")
    assert run.resources == []


def test_one_of_another_name_is_none_of_ours(warnings: list[str]) -> None:
    other = theirs(selector={"matchLabels": {"app": "reviews"}})
    other["metadata"]["name"] = "reviews"
    run_program(APP, Run(strangers=[other]))

    assert warnings == []


def test_once_the_namespace_is_set_up_a_stack_without_releases_asks_no_more(
    warnings: list[str],
) -> None:
    """What would be ours by then has our label."""
    before = run_program(APP)
    before.strangers = [theirs()]
    run_program(APP, before)

    assert warnings == []
