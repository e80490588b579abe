"""`python -m demo`: what it answers, and its exit status."""

import json
import signal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from demo import __main__ as demo
from demo.ground import GroundError
from demo.pulumi_stack import PulumiError
from demo.results import WalkResult
from demo.scenarios import SCENARIOS
from demo.walk import Walk
from local_cluster.errors import ImpossibleHereError


def walk_ending(
    monkeypatch: pytest.MonkeyPatch, error: BaseException | None = None, *complaints: str
) -> None:
    """Every walk ends so, without a cluster."""

    def run(walk: Walk) -> WalkResult:
        walk.result.complaints += complaints
        if error:
            raise error
        return walk.result

    monkeypatch.setattr(Walk, "run", run)
    monkeypatch.setattr(signal, "signal", lambda *_: None)


def test_list_names_every_scenario() -> None:
    answer = CliRunner().invoke(demo.app, ["list"])

    assert answer.exit_code == 0
    assert [line.split()[0] for line in answer.output.splitlines()] == list(SCENARIOS)


def test_an_unknown_scenario_is_answered_with_the_known_ones() -> None:
    answer = CliRunner().invoke(demo.app, ["unknown"])

    assert answer.exit_code == demo.IMPOSSIBLE_HERE
    assert "no scenario is called unknown; there are: release, " in answer.stderr


def test_a_misspelt_scenario_is_answered_with_the_one_that_is_meant() -> None:
    assert "did you mean own-service? " in demo.explain_unknown("own_service")


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (None, 0),
        (PulumiError("the program refuses"), 1),
        (GroundError("a stack of yours"), 1),
        (ImpossibleHereError("needs Linux"), 2),
        (KeyboardInterrupt(), 130),
    ],
)
def test_the_exit_status_says_how_it_ended(
    monkeypatch: pytest.MonkeyPatch, error: BaseException | None, status: int
) -> None:
    walk_ending(monkeypatch, error)

    assert demo.walk("release", json_to="") == status


def test_one_complaint_is_enough_to_fail(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    walk_ending(monkeypatch, None, "3 of 900 background requests failed")
    results = tmp_path / "results.json"

    assert demo.walk("release", json_to=str(results)) == demo.NOT_INTENDED
    assert json.loads(results.read_text())["as_intended"] is False
