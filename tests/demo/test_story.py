"""Every walk can be walked: its edits are legal moves, and what it expects is what the program plans."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from demo.scenarios import SCENARIOS
from demo.stack_file import StackFile
from demo.story import Story
from mesh_canary.release import Record, check_transition, plan_release
from mesh_canary.settings import read_settings

_TEMPLATE = Path(__file__).parents[2] / "Pulumi.dev.yaml"

every_story = pytest.mark.parametrize("story", SCENARIOS.values(), ids=SCENARIOS)


def settings_in(path: Path) -> dict[str, Any]:
    config = yaml.safe_load(path.read_text())["config"]
    return {key.removeprefix("mesh-canary:"): value for key, value in config.items()}


@every_story
def test_each_chapter_is_a_legal_move_to_the_shares_it_expects(
    story: Story, tmp_path: Path
) -> None:
    file = StackFile(tmp_path / "demo.yaml", _TEMPLATE, salt="")
    record: Record | None = None
    for chapter in story.chapters:
        file.edit_release(story.release, chapter.edit)
        release = read_settings(settings_in(file.path)).releases[story.release]

        assert check_transition(story.release, release, record, None, {}) == []
        plan = plan_release(release, record)
        record = plan.record

        assert dict(plan.split.weights) == {v: w for v, w in chapter.shares.items() if w}
        assert (plan.split.mirror.version if plan.split.mirror else None) == chapter.copies_to
        everybody = next(v for v in chapter.shares if plan.split.weight_of(v))
        assert chapter.testers_see == (plan.split.tester_version or everybody)


@every_story
def test_what_is_called_directly_runs_and_carries_nothing(story: Story) -> None:
    for chapter in story.chapters:
        if chapter.called_directly:
            assert chapter.shares[chapter.called_directly] == 0


@every_story
def test_only_shares_that_chance_decides_count_as_checks(story: Story) -> None:
    by_chance = [c for c in story.chapters if set(c.shares.values()) != {0, 100}]

    assert story.checks == len(by_chance)


def test_the_set_up_releases_nothing(tmp_path: Path) -> None:
    file = StackFile(tmp_path / "demo.yaml", _TEMPLATE, salt="v1:salt")

    file.write_without_releases()

    written = yaml.safe_load(file.path.read_text())
    assert written["config"]["mesh-canary:releases"] == {}
    assert written["encryptionsalt"] == "v1:salt"
    assert read_settings(settings_in(file.path)).releases == {}


def test_an_edit_leaves_other_keys_as_they_were(tmp_path: Path) -> None:
    file = StackFile(tmp_path / "demo.yaml", _TEMPLATE, salt="")
    file.edit_release("reviews", {"stage": "weighted", "canary_weight": 10})
    before = settings_in(file.path)["releases"]["reviews"]

    file.edit_release("reviews", {"canary_weight": 50})

    assert settings_in(file.path)["releases"]["reviews"] == {**before, "canary_weight": 50}
