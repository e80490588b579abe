"""The walk's own stack file: a copy of a template beside the cluster, edited there.

The copy is git-ignored and goes when the cluster goes; the clone's files are only read.
"""

import copy
from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Any

import yaml

PREFIX = "mesh-canary:"
_RELEASES = "releases"

Path = str | tuple[str, ...]
"""A place in a stack file: `apps.bookinfo.sidecars`, or a tuple where a name has a dot in it."""


class _Gone:
    def __repr__(self) -> str:
        return "gone"


GONE = _Gone()
"""As the value of an edit: the key is taken out."""


class StackFile:
    """A stack file whose releases are put in later, one edit at a time."""

    def __init__(self, path: FilePath, template: FilePath, salt: str) -> None:
        """Nothing is written yet. `salt` is what Pulumi made when it created the stack."""
        self.path = path
        self._content: dict[str, Any] = yaml.safe_load(template.read_text())
        self._content["encryptionsalt"] = salt
        config = self._content["config"]
        self._entries: dict[str, Any] = config.get(f"{PREFIX}{_RELEASES}", {})
        config[f"{PREFIX}{_RELEASES}"] = {}

    def write_without_releases(self) -> None:
        """The file sets up mesh, gateway and apps, and releases nothing."""
        self._write()

    def edit_release(self, name: str, edit: Mapping[str, Any]) -> None:
        """The release's entry is in the file, with these keys changed."""
        self.edit({(_RELEASES, name, key): value for key, value in edit.items()})

    def edit(self, edits: Mapping[Path, Any]) -> None:
        """These places of the file have these values. A release's entry is the template's at first."""
        for path, value in edits.items():
            top, *below = _keys(path)
            if top == _RELEASES and len(below) > 1:
                self._add_release(below[0])
            _put(self._content["config"], [f"{PREFIX}{top}", *below], copy.deepcopy(value))
        self._write()

    def value_at(self, path: Path) -> Any:
        """What the file says at a place; None where it says nothing."""
        top, *below = _keys(path)
        found: Any = self._content["config"].get(f"{PREFIX}{top}")
        for key in below:
            found = found.get(key) if isinstance(found, dict) else None
        return found

    def snapshot(self) -> str:
        """The whole file, for `restore`."""
        return yaml.safe_dump(self._content, sort_keys=False)

    def restore(self, snapshot: str) -> None:
        """The file is as it was at a snapshot."""
        self._content = yaml.safe_load(snapshot)
        self._write()

    def read_again(self) -> None:
        """What somebody else wrote into the file, `pulumi config set` for example, is kept from now on."""
        self._content = yaml.safe_load(self.path.read_text())
        self._content["config"].setdefault(f"{PREFIX}{_RELEASES}", {})

    def _add_release(self, name: str) -> None:
        releases = self._content["config"][f"{PREFIX}{_RELEASES}"]
        if name not in releases:
            releases[name] = copy.deepcopy(self._entries.get(name, {}))

    def _write(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(yaml.safe_dump(self._content, sort_keys=False))


def explain_edit(edit: Mapping[Any, Any]) -> str:
    """The edit as one line: stage: weighted, canary_weight: 10."""
    return ", ".join(f"{'.'.join(_keys(key))}: {_brief(value)}" for key, value in edit.items())


def _keys(path: Path) -> tuple[str, ...]:
    return tuple(path.split(".")) if isinstance(path, str) else path


def _put(content: dict[str, Any], keys: list[str], value: Any) -> None:
    for key in keys[:-1]:
        below = content.get(key)
        if not isinstance(below, dict):
            below = content[key] = {}
        content = below
    if isinstance(value, _Gone):
        content.pop(keys[-1], None)
    else:
        content[keys[-1]] = value


def _brief(value: object) -> str:
    if isinstance(value, Mapping) and "version" in value:
        return str(value["version"])
    return str(value)
