"""Every walk can be walked: its edits are legal moves, and what it expects is what the program plans."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from demo.scenarios import SCENARIOS
from demo.stack_file import GONE, StackFile, explain_edit
from demo.story import Chapter, Story
from mesh_canary.release import Record, check_transition, plan_release
from mesh_canary.settings import StackSettings, read_settings
from mesh_canary.settings.mesh import IstioSettings

ROOT = Path(__file__).parents[2]
_TEMPLATE = ROOT / "Pulumi.dev.yaml"

every_story = pytest.mark.parametrize("story", SCENARIOS.values(), ids=SCENARIOS)


def settings_in(path: Path) -> dict[str, Any]:
    config = yaml.safe_load(path.read_text())["config"]
    return {key.removeprefix("mesh-canary:"): value for key, value in config.items()}


def read_as_encrypted(raw: dict[str, Any]) -> StackSettings:
    """The settings of a file whose secrets would be encrypted."""
    return read_settings(raw, frozenset({"secrets", "gateway", "addons"}))


def begun(story: Story, folder: Path) -> StackFile:
    """The stack file of a story as its set-up has it."""
    file = StackFile(folder / f"{story.stack}.yaml", ROOT / story.template_path, salt="")
    file.edit(story.starts_with)
    for place, value in story.secrets.items():
        file.edit({place: value})
    return file


@every_story
def test_each_chapter_is_a_legal_move_to_the_shares_it_expects(
    story: Story, tmp_path: Path
) -> None:
    file = begun(story, tmp_path)
    records: dict[str, Record] = {}
    for chapter in story.chapters:
        service = story.service_of(chapter)
        if chapter.refused:
            continue
        file.edit_release(service.entry, chapter.edit)
        file.edit(chapter.edits)
        for place, value in chapter.secrets.items():
            file.edit({place: value})
        settings = read_as_encrypted(settings_in(file.path))
        if not chapter.shares or service.entry not in settings.releases:
            continue
        if not isinstance(settings.mesh, IstioSettings):
            continue  # pods decide there; `tests/components/states.py` runs the program for each chapter
        release = settings.releases[service.entry]
        record = records.get(service.entry)

        assert check_transition(service.entry, release, record, None, {}) == []
        plan = plan_release(release, record)
        records[service.entry] = plan.record

        assert dict(plan.split.weights) == {v: w for v, w in chapter.shares.items() if w}
        assert (plan.split.mirror.version if plan.split.mirror else None) == chapter.copies_to
        everybody = next(v for v in chapter.shares if plan.split.weight_of(v))
        if chapter.testers_see:
            assert chapter.testers_see == (plan.split.tester_version or everybody)


def test_the_example_of_the_page_about_walks_is_a_story() -> None:
    page = (ROOT / "demo" / "README.md").read_text()
    found: dict[str, Any] = {}

    exec(page.partition("```python\n")[2].partition("```")[0], found)

    assert isinstance(found["STORY"], Story)


@every_story
def test_a_story_begins_without_a_release(story: Story, tmp_path: Path) -> None:
    file = begun(story, tmp_path)

    assert read_as_encrypted(settings_in(file.path)).releases == {}


@every_story
def test_every_story_goes_back_somewhere_and_measures_something(story: Story) -> None:
    """The table of the README has a cell for each."""
    assert any(chapter.back for chapter in story.chapters)
    assert any(chapter.shares for chapter in story.chapters)
    assert any(chapter.loads for chapter in story.chapters) or story.loads


@every_story
def test_shares_sum_to_all_requests(story: Story) -> None:
    sums = {chapter.title: sum(chapter.shares.values()) for chapter in story.chapters}

    assert {title: total for title, total in sums.items() if total and round(total, 6) != 100} == {}


@every_story
def test_what_is_asked_of_testers_can_be_asked(story: Story) -> None:
    asked = [story.service_of(chapter) for chapter in story.chapters if chapter.testers_see]

    assert [service.name for service in asked if service.tester is None] == []


@every_story
def test_what_is_called_directly_runs_and_carries_nothing(story: Story) -> None:
    for chapter in story.chapters:
        if chapter.called_directly:
            assert chapter.shares[chapter.called_directly] == 0


@pytest.mark.parametrize(
    ("shares", "checks"),
    [({"v1": 100, "v2": 0}, 0), ({"v1": 90, "v2": 10}, 1), ({"v1": 25, "v2": 25, "v3": 50}, 3)],
)
def test_only_shares_that_chance_decides_count_as_checks(
    shares: dict[str, float], checks: int
) -> None:
    """Of two versions, one decides what the other gets."""
    assert Chapter("any", shares=shares).checks_by_chance == checks


def test_the_set_up_releases_nothing(tmp_path: Path) -> None:
    file = StackFile(tmp_path / "demo.yaml", _TEMPLATE, salt="v1:salt")

    file.write_without_releases()

    written = yaml.safe_load(file.path.read_text())
    assert written["config"]["mesh-canary:releases"] == {}
    assert written["encryptionsalt"] == "v1:salt"
    assert read_as_encrypted(settings_in(file.path)).releases == {}


def test_an_edit_leaves_other_keys_as_they_were(tmp_path: Path) -> None:
    file = StackFile(tmp_path / "demo.yaml", _TEMPLATE, salt="")
    file.edit_release("reviews", {"stage": "weighted", "canary_weight": 10})
    before = settings_in(file.path)["releases"]["reviews"]

    file.edit_release("reviews", {"canary_weight": 50})

    assert settings_in(file.path)["releases"]["reviews"] == {**before, "canary_weight": 50}


def test_an_edit_reaches_any_place_of_the_stack_file(tmp_path: Path) -> None:
    file = StackFile(tmp_path / "demo.yaml", _TEMPLATE, salt="")

    file.edit({"apps.bookinfo.client": GONE, ("apps", "a.b", "enabled"): False})

    apps = settings_in(file.path)["apps"]
    assert "client" not in apps["bookinfo"]
    assert apps["a.b"] == {"enabled": False}
    assert file.value_at("apps.bookinfo.namespace") == "bookinfo"
    assert file.value_at("apps.unknown.namespace") is None


def test_a_refused_edit_is_taken_back(tmp_path: Path) -> None:
    file = StackFile(tmp_path / "demo.yaml", _TEMPLATE, salt="v1:salt")
    file.write_without_releases()
    before, snapshot = file.path.read_text(), file.snapshot()

    file.edit({"mesh.kind": "unknown"})
    file.restore(snapshot)

    assert file.path.read_text() == before


def test_what_pulumi_wrote_into_the_file_is_kept(tmp_path: Path) -> None:
    file = StackFile(tmp_path / "demo.yaml", _TEMPLATE, salt="")
    file.write_without_releases()
    written = yaml.safe_load(file.path.read_text())
    written["config"]["mesh-canary:apps"]["bookinfo"]["token"] = {"secure": "v1:abc"}
    file.path.write_text(yaml.safe_dump(written))

    file.read_again()
    file.edit({"apps.bookinfo.client": False})

    assert file.value_at("apps.bookinfo.token") == {"secure": "v1:abc"}
    assert file.value_at("apps.bookinfo.client") is False


def test_an_edit_is_shown_in_one_line() -> None:
    edit = {"stage": "dark", "apps.bookinfo.sidecars": ["productpage"], ("apps", "a"): GONE}

    assert (
        explain_edit(edit) == "stage: dark, apps.bookinfo.sidecars: ['productpage'], apps.a: gone"
    )
