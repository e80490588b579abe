"""One edit of the stack file, from the preview to the end of `pulumi up`; or to the refusal that is intended."""

from dataclasses import dataclass

from demo.changes import explain_changes
from demo.pulumi_stack import PulumiError
from demo.report import Report
from demo.scene import Scene
from demo.service import Service
from demo.story import Chapter


@dataclass(frozen=True)
class Turned:
    """What was said on the way. Without an edit nothing was."""

    changes: tuple[str, ...] = ()
    notice: str = ""
    preview_seconds: float = 0.0
    up_seconds: float = 0.0
    complaints: tuple[str, ...] = ()


def turn(chapter: Chapter, service: Service, scene: Scene, report: Report) -> Turned:
    """The cluster is as the edited stack file says."""
    _edit(chapter, service, scene)
    with report.working("pulumi preview"):
        scene.preview, preview_seconds = scene.stack.preview()
    scene.changes = tuple(explain_changes(scene.preview))
    report.preview(scene.changes, preview_seconds)
    with report.working("pulumi up"):
        up = scene.stack.up()
    release = scene.outputs().get("releases", {}).get(service.entry, {})
    notice = str(release.get("notice", ""))
    report.up(notice, up.seconds)
    return Turned(scene.changes, notice, preview_seconds, up.seconds)


def refuse(chapter: Chapter, service: Service, scene: Scene, report: Report) -> Turned:
    """The preview refuses the edit in the intended words, and the stack file is as it was."""
    as_it_was = scene.file.snapshot()
    _edit(chapter, service, scene)
    try:
        with report.working("pulumi preview"):
            scene.stack.preview()
        said = ""
    except PulumiError as error:
        said = str(error)
    finally:
        scene.file.restore(as_it_was)
    report.refused(said)
    if not said:
        return Turned(complaints=("the preview refuses nothing",))
    missing = [words for words in chapter.refused if words not in said]
    return Turned(complaints=tuple(f"the refusal does not say: {words}" for words in missing))


def _edit(chapter: Chapter, service: Service, scene: Scene) -> None:
    if chapter.edit:
        scene.file.edit_release(service.entry, chapter.edit)
    if chapter.edits:
        scene.file.edit(chapter.edits)
    for place, value in chapter.secrets.items():
        scene.stack.set_secret(place, value)
        scene.file.read_again()
