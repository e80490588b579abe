"""Finding and showing the logs of a cluster's processes and pods."""

import time
from collections.abc import Iterator
from pathlib import Path

from local_cluster.place import Place

_POLL_SECONDS = 0.2


def find_logs(place: Place) -> dict[str, Path]:
    """Every log by name: `<process>`, or `<namespace>/<pod>/<container>`."""
    control_plane = {file.stem: file for file in sorted(place.log_dir.glob("*.log"))}
    pods = {
        f"{file.parent.name.replace('_', '/', 1)}/{file.stem}": file
        for file in sorted(place.pods_dir.glob("*/*.log"))
    }
    return {**control_plane, **pods}


def match_logs(logs: dict[str, Path], name: str) -> dict[str, Path]:
    """The log of that name, else all with a part that starts so (`reviews` finds its pods)."""
    if name in logs:
        return {name: logs[name]}
    return {
        full: file
        for full, file in logs.items()
        if any(part.startswith(name) for part in full.split("/")) or full.startswith(name)
    }


def follow(logs: dict[str, Path]) -> Iterator[tuple[str, str]]:
    """What is written to the logs from now on, line by line with the log's name. Never ends."""
    return _follow(logs, {name: file.stat().st_size for name, file in logs.items()})


def _follow(logs: dict[str, Path], offsets: dict[str, int]) -> Iterator[tuple[str, str]]:
    while True:
        for name, file in logs.items():
            with file.open(errors="replace") as text:
                text.seek(offsets[name])
                for line in iter(text.readline, ""):
                    yield name, line.rstrip("\n")
                offsets[name] = text.tell()
        time.sleep(_POLL_SECONDS)
