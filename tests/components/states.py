"""Every state of every example and of every scenario's walk, by runs of the program against the recorder."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from demo.scenarios import SCENARIOS
from demo.stack_file import StackFile
from demo.story import Story
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
        for run in _runs(SCENARIOS[name])
        for manifest in _objects(run)
    }
    return tuple(found.values())


def _runs(story: Story) -> Iterator[Run]:
    """The program run for each chapter, after the one before; a chapter that is to be refused is left out."""
    with TemporaryDirectory() as folder:
        file = StackFile(Path(folder) / "stack.yaml", ROOT / story.template_path, salt="")
        file.edit(story.starts_with)
        for place, value in story.secrets.items():
            file.edit({place: value})
        secret = secret_keys(story.name)
        run = run_program(_config_in(file), secret=secret)
        yield run
        for chapter in story.chapters:
            if chapter.refused or not (chapter.edit or chapter.edits):
                continue
            file.edit_release(story.service_of(chapter).entry, chapter.edit)
            file.edit(chapter.edits)
            for place, value in chapter.secrets.items():
                file.edit({place: value})
            run = run_program(_config_in(file), after=run, secret=secret)
            yield run


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
