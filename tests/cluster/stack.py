"""A Pulumi stack as an operator drives it: the real `pulumi`, a stack file of its own, the program of this clone."""

import contextlib
import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from local_cluster.api import Cluster

LONGEST_SECONDS = 240
"""After this time a command is a failure: nothing that is tested takes a quarter of it."""

Config = Mapping[str, Any]
"""A stack file's config, keys without `mesh-canary:`."""


@dataclass(frozen=True)
class Ran:
    """A command that came to its end, well or not."""

    code: int
    output: str
    """What it said on both streams."""

    def __contains__(self, text: str) -> bool:
        return text in self.output

    @property
    def refused(self) -> bool:
        """Whether the program said no: exactly one error, and no traceback."""
        told = [line for line in self.output.splitlines() if line.strip().startswith("error:")]
        return self.code != 0 and len(told) == 1 and "Traceback" not in self


class Stack:
    """One stack in the state folder of the cluster; it exists from the start and has no resources."""

    def __init__(
        self, name: str, cluster: Cluster, folder: Path, program: Path | None = None
    ) -> None:
        """`folder` takes the stack file; `program` is this clone's unless another one is named."""
        self.name, self.cluster, self.file = name, cluster, folder / f"{name}.yaml"
        self.program = program or cluster.place.clone
        project = yaml.safe_load((self.program / "Pulumi.yaml").read_text())["name"]
        self._salt = make_stack(name, project, cluster)

    def write(self, config: Config) -> None:
        """The stack file says this and nothing else."""
        content = {f"mesh-canary:{key}": value for key, value in config.items()}
        text = yaml.safe_dump({"encryptionsalt": self._salt, "config": content}, sort_keys=False)
        self.file.write_text(text)

    def up(self, config: Config, *flags: str) -> Ran:
        """The cluster is as `config` says; anything else fails the test with Pulumi's own words."""
        return _succeeded(self.try_up(config, *flags))

    def try_up(self, config: Config, *flags: str) -> Ran:
        """`pulumi up`, whether it succeeds or not."""
        self.write(config)
        return self.run("up", "--yes", "--skip-preview", *flags)

    def preview(self, config: Config, *flags: str) -> Ran:
        """`pulumi preview`, whether it succeeds or not."""
        self.write(config)
        return self.run("preview", *flags)

    def has_nothing_to_do(self, config: Config) -> bool:
        """Whether a second run of the same file would leave everything as it is."""
        return self.preview(config, "--expect-no-changes").code == 0

    def destroy(self) -> Ran:
        """Nothing that this stack made is left."""
        return _succeeded(self.run("destroy", "--yes", "--skip-preview"))

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs."""
        command = ["pulumi", "stack", "output", "--json", "--stack", self.name]
        ran = subprocess.run(
            command, cwd=self.program, env=self.cluster.env, capture_output=True, check=True
        )
        found: dict[str, Any] = json.loads(ran.stdout)
        return found

    def state(self) -> str:
        """The stack's state as it is stored."""
        return _succeeded(self.run("stack", "export", config_file=False)).output

    def cancel(self) -> Ran:
        """The lock that a killed run left is gone."""
        ran = run_pulumi(["cancel", self.name, "--yes"], self.cluster, self.program)
        return _succeeded(ran)

    def run(self, *arguments: str, config_file: bool = True) -> Ran:
        """Any command on this stack."""
        return run_pulumi(
            [*arguments, *self._flags(config_file=config_file)], self.cluster, self.program
        )

    def start_up(self, config: Config) -> "subprocess.Popen[str]":
        """`pulumi up` beside whatever the test does next; its output is on its stdout."""
        self.write(config)
        return subprocess.Popen(
            [
                *("pulumi", "up", "--yes", "--skip-preview"),
                *("--non-interactive", "--color", "never", *self._flags(config_file=True)),
            ],
            cwd=self.program,
            env=self.cluster.env,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def _flags(self, *, config_file: bool) -> tuple[str, ...]:
        file = ("--config-file", str(self.file)) if config_file else ()
        return ("--stack", self.name, *file)


def run_pulumi(arguments: list[str], cluster: Cluster, folder: Path) -> Ran:
    """A command of `pulumi`, ended together with all it started when it takes too long."""
    process = subprocess.Popen(
        ["pulumi", *arguments, "--non-interactive", "--color", "never"],
        cwd=folder,
        env=cluster.env,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=LONGEST_SECONDS)
    except BaseException:
        kill_tree(process.pid)
        raise
    return Ran(process.returncode, output)


def kill_tree(pid: int) -> None:
    """The process and everything it started, and what that started, is killed with signal 9."""
    for one in [pid, *_descendants(pid)]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)


def _descendants(pid: int) -> list[int]:
    """Read before anything is killed: an orphan has another parent."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(stat.parent.name))
    found, left = [], [pid]
    while left:
        below = children.get(left.pop(), [])
        found += below
        left += below
    return found


def make_stack(name: str, project: str, cluster: Cluster) -> str:
    """The stack exists and is empty; returns the salt for its stack file.

    Pulumi writes the salt beside Pulumi.yaml, so this happens in a folder that is thrown away.
    """
    with tempfile.TemporaryDirectory() as folder:
        beside = Path(folder)
        (beside / "Pulumi.yaml").write_text(f"name: {project}\nruntime: python\n")
        init = ["stack", "init", name, "--no-select"]
        ran = run_pulumi(init, cluster, beside)
        if "already exists" in ran:  # of an earlier run, and empty: see the fixture of the cluster
            _succeeded(run_pulumi(["stack", "rm", name, "--yes"], cluster, beside))
            ran = run_pulumi(init, cluster, beside)
        _succeeded(ran)
        written = yaml.safe_load((beside / f"Pulumi.{name}.yaml").read_text())
    return str(written["encryptionsalt"])


def wait_until(what: str, holds: Any, seconds: float = 60) -> None:
    """`holds()` has become true; asked often, since what follows may be a matter of milliseconds."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            pytest.fail(f"not within {seconds:g} s: {what}")
        time.sleep(0.01)


def _succeeded(ran: Ran) -> Ran:
    if ran.code:
        pytest.fail("\n".join(["pulumi failed:", *ran.output.splitlines()[-40:]]))
    return ran
