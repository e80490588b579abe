"""Every stack file in `rejected/` is refused with exactly the text beside it, before anything is created."""

from pathlib import Path

import pytest
import yaml

from mesh_canary.release import check_pods, check_transition, plan_release
from mesh_canary.routing import check_capabilities
from mesh_canary.settings import Problem, explain_problems, read_settings
from mesh_canary.settings.problems import Contradiction
from stacks.translation import router_of, standing_of
from stacks.without_mesh import budget_of
from tests.golden import assert_golden

REJECTED = Path(__file__).parent / "rejected"
FILES = sorted(REJECTED.glob("*.yaml"))
PREFIX = "mesh-canary:"


def refusal_of(text: str) -> str:
    """What an operator reads who runs a new stack with the stack file `text`; empty where all is well.

    A value below `secure` is a secret, as in any stack file.
    """
    config = yaml.safe_load(text)["config"]
    raw = {key.removeprefix(PREFIX): unlocked(value) for key, value in config.items()}
    secret = frozenset(key for key in raw if "secure:" in yaml.safe_dump(config[f"{PREFIX}{key}"]))
    try:
        settings = read_settings(raw, secret)
    except Contradiction as contradiction:
        return explain_problems(contradiction.problems)
    problems: list[Problem] = []
    for name, release in settings.releases.items():
        budget, split = budget_of(settings, release), plan_release(release).split
        problems += check_transition(name, release, None, None, standing_of(settings))
        problems += check_pods(name, release, None, budget) if budget else []
        problems += check_capabilities(name, router_of(settings), split)
    return explain_problems(problems) if problems else ""


def unlocked(value: object) -> object:
    """The value as the program gets it: {secure: x} is x."""
    match value:
        case {"secure": secret}:
            return secret
        case dict():
            return {key: unlocked(below) for key, below in value.items()}
        case list():
            return [unlocked(below) for below in value]
    return value


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_stack_file_is_refused_with_exactly_this_text(path: Path) -> None:
    refusal = refusal_of(path.read_text())

    assert refusal, "it was accepted"
    assert_golden(path.with_suffix(".txt"), f"{refusal}\n")


def test_there_are_enough_stack_files_and_each_has_its_text() -> None:
    assert len(FILES) >= 25
    assert {p.stem for p in FILES} == {p.stem for p in REJECTED.glob("*.txt")}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_problem_has_a_key_a_rule_and_a_way_out(path: Path) -> None:
    head, *lines = path.with_suffix(".txt").read_text().splitlines()

    assert head.endswith("; nothing was changed")
    assert int(head.split()[0]) * 2 == len(lines)
    assert all(" - " in line for line in lines[::2])
    assert all(line.startswith("  hint: ") for line in lines[1::2])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_message_speaks_of_our_tools(path: Path) -> None:
    """An operator has never heard of pydantic or Python."""
    text = path.with_suffix(".txt").read_text().lower()

    assert not [
        word for word in ("pydantic", "input should", "traceback", "value error") if word in text
    ]
