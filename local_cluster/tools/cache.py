"""The folder outside every clone where built tools are kept."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def cache_dir() -> Path:
    """`$MESH_CANARY_CACHE`, else `mesh-canary` in the user's cache folder."""
    if named := os.environ.get("MESH_CANARY_CACHE"):
        return Path(named)
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "mesh-canary"


@contextmanager
def alone_in_cache(cache: Path) -> Iterator[None]:
    """One builder at a time; a second one waits, and then finds everything built."""
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "tools.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def appearing_whole(target: Path) -> Iterator[Path]:
    """A folder to fill, which gets its name once it is full. The caller holds the lock."""
    draft = target.with_name(f"{target.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    yield draft
    draft.rename(target)


def drop_drafts(cache: Path) -> None:
    """What interrupted builds left, of whatever version, is gone. The caller holds the lock."""
    for draft in cache.glob("*/*.draft"):
        shutil.rmtree(draft, ignore_errors=True)


def remove_read_only(folder: Path) -> None:
    """The folder is gone, also where Go made its files read-only as it does in module caches."""
    for parent, _, _ in os.walk(folder):
        Path(parent).chmod(0o700)
    shutil.rmtree(folder, ignore_errors=True)
