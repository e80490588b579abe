"""One Pulumi stack on the local cluster, driven by the `pulumi` command as an operator would.

The program is the clone's own; the stack file is given with `--config-file`, so that nothing in the
clone changes. Commands are never killed: a stop asked for with Ctrl-C is passed on, and waited for.
"""

import json
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from local_cluster.api import Cluster

_END_SECONDS = 60
_LINES = 25
PROJECT = "mesh-canary"


class PulumiError(Exception):
    """A command failed; the text is what it said last."""


@dataclass(frozen=True)
class Ran:
    """A command that succeeded."""

    output: str
    seconds: float


class Stack:
    """A stack in the state folder of the cluster."""

    def __init__(self, name: str, cluster: Cluster, stack_file: Path) -> None:
        """Nothing runs yet."""
        self.name, self.file = name, stack_file
        self._cluster = cluster

    def create(self) -> str:
        """The stack exists and is empty; returns the salt that belongs into its stack file.

        One of that name without resources is made anew. Pulumi writes the salt beside Pulumi.yaml,
        so this happens in a folder that is thrown away.
        """
        exists = any(stack["name"] == self.name for stack in list_stacks(self._cluster))
        with tempfile.TemporaryDirectory() as folder:
            project = Path(folder)
            (project / "Pulumi.yaml").write_text(f"name: {PROJECT}\nruntime: python\n")
            if exists:
                self._run(["stack", "rm", "--yes", "--stack", self.name], folder=project)
            self._run(["stack", "init", self.name, "--no-select"], folder=project)
            written = yaml.safe_load((project / f"Pulumi.{self.name}.yaml").read_text())
        return str(written["encryptionsalt"])

    def preview(self) -> tuple[dict[str, Any], float]:
        """What `up` would change, as Pulumi's JSON has it, and the seconds it took to say so.

        Raises PulumiError where the program refuses the stack file.
        """
        ran = self._run(["preview", "--json", *self._flags], explain=errors_in)
        found: dict[str, Any] = json.loads(ran.output)
        return found, ran.seconds

    def up(self, *flags: str) -> Ran:
        """The cluster is as the stack file says. Without a preview, which the caller has shown."""
        return self._run(
            ["up", "--yes", "--skip-preview", "--suppress-permalink=true", *self._flags, *flags]
        )

    def set_secret(self, place: str, value: str) -> None:
        """The stack file has the value at a dotted place, encrypted. It is not on any command line."""
        key = f"{PROJECT}:{place}"
        self._run(["config", "set", "--secret", "--path", key, *self._flags], told=value)

    def destroy(self) -> Ran:
        """Nothing that the stack made is left."""
        return self._run(
            ["destroy", "--yes", "--skip-preview", "--suppress-permalink=true", *self._flags]
        )

    def changes_nothing(self) -> bool:
        """Whether a preview finds nothing to do."""
        try:
            self._run(["preview", "--expect-no-changes", *self._flags])
        except PulumiError:
            return False
        return True

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs."""
        ran = self._run(["stack", "output", "--json", "--stack", self.name])
        found: dict[str, Any] = json.loads(ran.output)
        return found

    @property
    def _flags(self) -> tuple[str, ...]:
        return ("--stack", self.name, "--config-file", str(self.file))

    def _run(
        self,
        arguments: list[str],
        folder: Path | None = None,
        explain: Callable[[str], str] = str,
        told: str | None = None,
    ) -> Ran:
        command = ["pulumi", *arguments, "--non-interactive", "--color", "never"]
        clone = self._cluster.place.clone
        return run(command, self._cluster.env, folder or clone, explain, told)


def list_stacks(cluster: Cluster) -> list[dict[str, Any]]:
    """All stacks of the cluster: name, resourceCount and more."""
    command = ["pulumi", "stack", "ls", "--json", "--all", "--non-interactive"]
    listed: list[dict[str, Any]] = json.loads(run(command, cluster.env, cluster.place.clone).output)
    return listed


def errors_in(preview: str) -> str:
    """The error messages in the JSON of a preview that failed; all of the text where it is none."""
    try:
        said = json.loads(preview)["diagnostics"]
    except (ValueError, KeyError, TypeError):
        return preview
    return "\n".join(d["message"] for d in said if d["severity"] == "error")


def run(
    command: list[str],
    env: dict[str, str],
    folder: Path,
    explain: Callable[[str], str] = str,
    told: str | None = None,
) -> Ran:
    """The command's output, once it has succeeded; `explain` finds the errors in that of a failed one.

    `told` is its standard input.

    Raises PulumiError with its last lines when it failed, KeyboardInterrupt after it came to a
    clean end when it was stopped.
    """
    started = time.monotonic()
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=env,
        text=True,
        stdin=subprocess.DEVNULL if told is None else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,  # so that Ctrl-C reaches it once, from here
    )
    try:
        output, errors = process.communicate(told)
    except KeyboardInterrupt:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=_END_SECONDS)
        raise
    if process.returncode:
        said = "\n".join([*errors.splitlines(), *explain(output).splitlines()][-_LINES:])
        message = f"`{' '.join(command[:3])}` failed (exit status {process.returncode}):\n{said}"
        raise PulumiError(message)
    return Ran(output, time.monotonic() - started)
