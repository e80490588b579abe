"""The walk's own stack file: a copy of `Pulumi.dev.yaml` beside the cluster, edited there.

The copy is git-ignored and goes when the cluster goes; the clone's files are only read.
"""

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

_RELEASES = "mesh-canary:releases"


class StackFile:
    """A stack file whose releases are put in later, one edit at a time."""

    def __init__(self, path: Path, template: Path, salt: str) -> None:
        """Nothing is written yet. `salt` is what Pulumi made when it created the stack."""
        self.path = path
        self._content: dict[str, Any] = yaml.safe_load(template.read_text())
        self._content["encryptionsalt"] = salt
        self._entries: dict[str, Any] = self._content["config"].get(_RELEASES, {})
        self._releases: dict[str, Any] = {}
        self._content["config"][_RELEASES] = self._releases

    def write_without_releases(self) -> None:
        """The file sets up mesh, gateway and apps, and releases nothing."""
        self._write()

    def edit_release(self, name: str, edit: Mapping[str, Any]) -> None:
        """The release's entry is in the file, with these keys changed."""
        self._releases.setdefault(name, copy.deepcopy(self._entries[name])).update(edit)
        self._write()

    def _write(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(yaml.safe_dump(self._content, sort_keys=False))


def explain_edit(edit: Mapping[str, Any]) -> str:
    """The edit as one line: stage: weighted, canary_weight: 10."""
    return ", ".join(f"{key}: {_brief(value)}" for key, value in edit.items())


def _brief(value: object) -> str:
    if isinstance(value, Mapping) and "version" in value:
        return str(value["version"])
    return str(value)
