"""An edit that is applied, and one that has to be refused; with a stack that only pretends."""

from pathlib import Path
from typing import Any

import pytest

from demo.bookinfo import REVIEWS
from demo.pulumi_stack import PulumiError, Ran
from demo.report import Report
from demo.scene import Scene
from demo.stack_file import StackFile
from demo.story import Chapter
from demo.turning import refuse, turn

TEMPLATE = Path(__file__).parents[2] / "Pulumi.dev.yaml"


class Pretended:
    """A stack whose preview fails with these words, if any."""

    def __init__(self, refusal: str = "") -> None:
        self.refusal = refusal
        self.ups = 0

    def preview(self) -> tuple[dict[str, Any], float]:
        if self.refusal:
            raise PulumiError(self.refusal)
        return {"steps": []}, 1.0

    def up(self) -> Ran:
        self.ups += 1
        return Ran("", 2.0)

    def outputs(self) -> dict[str, Any]:
        return {"releases": {"reviews": {"notice": "Users notice nothing."}}}


def scene_with(stack: Any, folder: Path) -> Scene:
    nobody: Any = None
    file = StackFile(folder / "stack.yaml", TEMPLATE, salt="")
    file.write_without_releases()
    return Scene(nobody, stack, file, kube=nobody)


def test_an_edit_is_previewed_applied_and_told(tmp_path: Path) -> None:
    stack = Pretended()

    told = turn(Chapter("dark", {"stage": "dark"}), REVIEWS, scene_with(stack, tmp_path), Report())

    assert (told.notice, told.preview_seconds, told.up_seconds) == ("Users notice nothing.", 1, 2)
    assert stack.ups == 1


@pytest.mark.parametrize(
    ("refusal", "complaints"),
    [
        ("may not follow dark", ()),
        ("something else", ("the refusal does not say: may not follow",)),
        ("", ("the preview refuses nothing",)),
    ],
)
def test_an_intended_refusal_says_what_it_has_to_and_leaves_the_file(
    refusal: str, complaints: tuple[str, ...], tmp_path: Path
) -> None:
    stack = Pretended(refusal)
    scene = scene_with(stack, tmp_path)
    before = scene.file.path.read_text()
    chapter = Chapter("promoted", {"stage": "promoted"}, refused=("may not follow",))

    assert refuse(chapter, REVIEWS, scene, Report()).complaints == complaints
    assert scene.file.path.read_text() == before
    assert stack.ups == 0
