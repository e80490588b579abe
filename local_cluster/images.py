"""Registering images with a running cluster: which command is run for a pod's container."""

from pathlib import Path
from typing import Any

import yaml


def add_image(path: Path, image: str, command: list[str], *, user: int) -> None:
    """Containers of pods made from now on whose image matches are run by that command.

    Args:
        path: the cluster's images.yaml, which the node agent watches.
        image: glob over the repository, without tag. A rule for the same glob is replaced. The
            first match wins, so the new rule goes first.
        command: program and arguments; `$(IMAGE)` and the container's `$(ENV)` are expanded.
        user: uid and gid of the process.
    """
    add_rule(path, {"image": image, "command": command, "user": user, "mode": "process"})


def add_rule(path: Path, rule: dict[str, Any]) -> None:
    """The rule is the first one of images.yaml; one for the same glob is replaced."""
    rules: list[dict[str, Any]] = yaml.safe_load(path.read_text()) or []
    others = [known for known in rules if known["image"] != rule["image"]]
    draft = path.with_suffix(".draft")
    draft.write_text(yaml.safe_dump([rule, *others], sort_keys=False))
    draft.rename(path)
