"""Starting, recognising and ending processes that outlive the command which started them.

Each is recorded as a file with its pid and its start time, so that a pid that was given to another
process since is never taken for ours. Its environment carries a mark as well, for processes whose
record was never written because the command was killed right after the start.
"""

import contextlib
import json
import os
import signal
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

MARK = "MESH_CANARY_CLUSTER"
"""Environment variable that names the cluster a process belongs to."""

_POLL_SECONDS = 0.02


@dataclass(frozen=True)
class Process:
    """A process that was started: what it is called and how to recognise it."""

    name: str
    pid: int
    start_time: int  # clock ticks since boot, field 22 of /proc/<pid>/stat
    log: str


def start(
    name: str,
    command: Sequence[str],
    *,
    cluster: str,
    records: Path,
    log: Path,
    namespace: str | None = None,
    env: Mapping[str, str] | None = None,
) -> Process:
    """The command runs in the background, in the network namespace if one is named, recorded."""
    argv = [*(_inside(namespace) if namespace else ()), *command]
    environment = {"PATH": os.environ["PATH"], "HOME": str(records), **(env or {}), MARK: cluster}
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    pid = os.posix_spawnp(argv[0], argv, environment, file_actions=actions, setsid=True)
    stat = _stat(pid)
    process = Process(name, pid, stat[1] if stat else 0, str(log))
    _write(records / f"{name}.json", json.dumps(asdict(process)))
    return process


def recorded(records: Path) -> dict[str, Process]:
    """Every process that has a record, by name, whether it lives or not."""
    found = {}
    for file in sorted(records.glob("*.json")):
        with contextlib.suppress(ValueError, TypeError, FileNotFoundError):  # a record cut short
            found[file.stem] = Process(**json.loads(file.read_text()))
    return found


def is_alive(process: Process) -> bool:
    """Whether this very process still runs, or some thread of it does, which may hold a port.

    One that has ended but was not waited for yet does not count.
    """
    stat = _stat(process.pid)
    if stat is None or stat[1] != process.start_time:
        return False
    return stat[0] not in "ZX" or _threads(process.pid) > 1


def stop(processes: Iterable[Process], grace_seconds: float) -> None:
    """None of the processes runs any more: they got SIGTERM, and SIGKILL after the grace period.

    Raises:
        TimeoutError: one could not even be killed within 10 seconds.
    """
    left = _signal(list(processes), signal.SIGTERM)
    left = _wait(left, grace_seconds)
    left = _wait(_signal(left, signal.SIGKILL), 10)
    if left:
        message = f"cannot kill {', '.join(f'{p.name} (pid {p.pid})' for p in left)}"
        raise TimeoutError(message)


def marked(cluster: str) -> list[Process]:
    """Every process whose environment says that it belongs to the cluster."""
    mark = f"{MARK}={cluster}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it ended, or is not ours to read
            if mark in (folder / "environ").read_bytes().split(b"\0"):
                found.append(_unrecorded(int(folder.name)))
    return [process for process in found if process]


def by_pid(pids: Iterable[int]) -> list[Process]:
    """The processes that have these pids now."""
    return [process for pid in pids if (process := _unrecorded(pid))]


def _unrecorded(pid: int) -> Process | None:
    stat = _stat(pid)
    if stat is None or pid == os.getpid():
        return None
    return Process(name=f"process {pid}", pid=pid, start_time=stat[1], log="")


def _inside(namespace: str) -> tuple[str, ...]:
    """Unlike `ip netns exec`, nsenter becomes the command: the pid is the command's own."""
    return ("nsenter", f"--net=/run/netns/{namespace}", "--")


def _stat(pid: int) -> tuple[str, int] | None:
    """State letter and start time. The name in parentheses before them may hold spaces too."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return fields[0], int(fields[19])


def _threads(pid: int) -> int:
    try:
        return len(list(Path(f"/proc/{pid}/task").iterdir()))
    except OSError:
        return 0


def _signal(processes: list[Process], number: signal.Signals) -> list[Process]:
    left = [process for process in processes if is_alive(process)]
    for process in left:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, number)
    return left


def _wait(processes: list[Process], seconds: float) -> list[Process]:
    """Those of the processes that still run after that time."""
    deadline = time.monotonic() + seconds
    left = [process for process in processes if not _reaped(process)]
    while left and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
        left = [process for process in left if not _reaped(process)]
    return left


def _reaped(process: Process) -> bool:
    if not is_alive(process):
        with contextlib.suppress(ChildProcessError):
            os.waitpid(process.pid, os.WNOHANG)  # a child of ours would stay a zombie
        return True
    return False


def _write(path: Path, text: str) -> None:
    draft = path.with_suffix(".draft")
    draft.write_text(text)
    draft.rename(path)
