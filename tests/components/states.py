"""Every state of every example and of every scenario's walk, by runs of the program against the recorder."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pulumi
import yaml

from demo.scenarios import SCENARIOS
from demo.stack_file import StackFile
from demo.story import Chapter, Story
from tests.builders import with_secrets
from tests.components.recorder import run_program
from tests.components.run import Run, as_held
from tests.examples import ROOT, config_of, example_config, secret_keys

_HELM = "kubernetes:helm.sh/"
_SECRET_MARK = "4dabf18193072939515e22adb298388d"

Manifest = dict[str, Any]


@cache
def objects_of_example(path: Path) -> tuple[Manifest, ...]:
    """Every object that the program registers for an example, as its manifest."""
    config = with_secrets(example_config(path))
    return tuple(_objects(run_program(config, secret=secret_keys(path.stem))))


@cache
def objects_of_walk(name: str) -> tuple[Manifest, ...]:
    """Every object that a walk registers in any of its chapters, each manifest once."""
    found = {
        json.dumps(manifest, sort_keys=True): manifest
        for run in _walked(name)[0]
        for manifest in _objects(run)
    }
    return tuple(found.values())


def refusals_of_walk(name: str) -> tuple[tuple[str, str], ...]:
    """What a walk wants a refusal to say and the refusal: texts that are missing, each with what was said instead.

    A refusal for what the cluster holds besides the program's own is none here, and is left to the walk itself.
    """
    return _walked(name)[1]


@cache
def _walked(name: str) -> tuple[tuple[Run, ...], tuple[tuple[str, str], ...]]:
    """Every run of a walk, and what its refusals did not say."""
    missing: list[tuple[str, str]] = []
    runs = tuple(_runs(SCENARIOS[name], missing))
    return runs, tuple(missing)


def _runs(story: Story, missing: list[tuple[str, str]]) -> Iterator[Run]:
    """The program run for each chapter, after the one before. A refused one leaves its `missing` texts there."""
    with TemporaryDirectory() as folder:
        file = StackFile(Path(folder) / "stack.yaml", ROOT / story.template_path, salt="")
        file.edit(story.starts_with)
        for place, value in story.secrets.items():
            file.edit({place: value})
        secret = secret_keys(story.name)
        run = run_program(_config_in(file), secret=secret)
        yield run
        for chapter in story.chapters:
            if not (chapter.edit or chapter.edits):
                continue
            before = file.snapshot()
            _edit(file, chapter, story)
            if not chapter.refused:
                run = run_program(_config_in(file), after=run, secret=secret)
                yield run
                continue
            said = _refusal(_config_in(file), run, secret)
            missing += [(words, said) for words in chapter.refused if said and words not in said]
            file.restore(before)


def _edit(file: StackFile, chapter: Chapter, story: Story) -> None:
    file.edit_release(story.service_of(chapter).entry, chapter.edit)
    file.edit(chapter.edits)
    for place, value in chapter.secrets.items():
        file.edit({place: value})


def _refusal(config: dict[str, Any], after: Run, secret: frozenset[str]) -> str:
    """What the program says against a config; empty where it says nothing."""
    try:
        run_program(config, after=after, secret=secret)
    except pulumi.RunError as error:
        return str(error)
    return ""


def _config_in(file: StackFile) -> dict[str, Any]:
    return config_of(yaml.safe_load(file.path.read_text()))


def _objects(run: Run) -> Iterator[Manifest]:
    """What goes to the API server as it is. What a chart makes is the chart's own."""
    for resource in run.resources:
        if resource.is_object and not resource.read and not resource.type.startswith(_HELM):
            _, version, kind = resource.type.split(":")
            manifest = {"apiVersion": version.removeprefix("core/"), "kind": kind}
            held = shown(as_held(resource.inputs))
            yield manifest | {key: value for key, value in held.items() if value is not None}


def shown(value: Any) -> Any:
    """A value whose secrets are opened."""
    match value:
        case dict() if _SECRET_MARK in value:
            return shown(value["value"])
        case dict():
            return {key: shown(below) for key, below in value.items()}
        case list():
            return [shown(below) for below in value]
    return value


def describe(manifest: Manifest) -> str:
    """An object in a few words."""
    metadata = manifest["metadata"]
    return f"{manifest['kind']} {metadata.get('namespace', '')}/{metadata['name']}"
