"""A steady load on one target, by fortio; every answer that failed is counted. `loads.py` keeps all of them.

fortio writes one line per request (time, status), so the load can be told apart by stage, and a
total at its end. Kept connections that break are counted too: fortio opens a new one silently, so
they show only in its number of sockets.
"""

import json
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

REQUESTS_PER_SECOND = 40
CONNECTIONS = 4
LONGEST_SECONDS = 1800
"""The load ends by itself after this time, should nobody be left to end it."""

_END_SECONDS = 20
_GOOD = "2"


@dataclass(frozen=True)
class LoadResult:
    """What became of the load's requests."""

    sent: int
    failed: int
    """Answers without a 2xx status, and requests without an answer."""
    broken_connections: int
    """Connections opened anew although no request failed; after a failed one fortio always does."""
    by_status: dict[str, int]
    """-1: no answer at all."""

    def __add__(self, other: "LoadResult") -> "LoadResult":
        by_status = dict(Counter(self.by_status) + Counter(other.by_status))
        return LoadResult(
            self.sent + other.sent,
            self.failed + other.failed,
            self.broken_connections + other.broken_connections,
            by_status,
        )

    @property
    def clean(self) -> bool:
        """Whether there was a load at all, and nobody noticed anything."""
        return self.sent > 0 and self.failed == self.broken_connections == 0


class BackgroundLoad:
    """Requests at a steady rate from `with` to its end; `result` afterwards."""

    def __init__(
        self,
        fortio: Path,
        url: str,
        folder: Path,
        headers: Mapping[str, str],
        name: str = "load",
        *,
        kept_connections: bool = True,
    ) -> None:
        """Nothing runs yet. `folder` takes the logs, which are called by `name`."""
        self._kept_connections = kept_connections
        self._log, self._json = folder / f"{name}.log", folder / f"{name}.json"
        self._errors = folder / f"{name}.errors"
        self._command = [str(fortio), "load", "-quiet", "-nocatchup"]
        self._command += ["-qps", str(REQUESTS_PER_SECOND), "-c", str(CONNECTIONS)]
        self._command += ["-t", f"{LONGEST_SECONDS}s", "-allow-initial-errors"]
        if not kept_connections:
            self._command += ["-keepalive=false"]
        for header, value in headers.items():
            self._command += ["-H", f"{header}: {value}"]
        self._command += ["-access-log-file", str(self._log), "-json", str(self._json), url]
        self._process: subprocess.Popen[bytes] | None = None
        self.result: LoadResult | None = None

    def __enter__(self) -> Self:
        self._log.unlink(missing_ok=True)
        self._json.unlink(missing_ok=True)
        with self._errors.open("wb") as errors:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,  # Ctrl-C is for the walk, which then ends the load itself
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        """Ends the load and reads its result; one that ended early is an error of its own."""
        process = self._process
        if process is None:
            return
        early = process.poll()
        process.send_signal(signal.SIGINT)
        try:
            process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if kind is None and early is not None:
            said = self._errors.read_text(errors="replace").strip()
            message = f"the load ended by itself (exit status {early}): {said[-400:]}"
            raise RuntimeError(message)
        if self._json.exists():
            text = self._json.read_text()
            self.result = read_result(text, kept_connections=self._kept_connections)

    def counted_between(self, start: float, end: float) -> tuple[int, int]:
        """Requests that were sent between two times (seconds since 1970), and failed ones."""
        return count_log(self._log.read_text(), start, end) if self._log.exists() else (0, 0)


def read_result(text: str, *, kept_connections: bool = True) -> LoadResult:
    """The result in what fortio writes with `-json`; only kept connections can break."""
    said = json.loads(text)
    by_status = {str(status): int(count) for status, count in said["RetCodes"].items()}
    sent = sum(by_status.values())
    failed = sum(n for status, n in by_status.items() if not status.startswith(_GOOD))
    opened_anew = int(said["SocketCount"]) - int(said["NumThreads"]) if kept_connections else 0
    return LoadResult(sent, failed, max(0, opened_anew - failed), by_status)


def count_log(text: str, start: float, end: float) -> tuple[int, int]:
    """Requests and failed ones between two times in a log that fortio writes; a last line may be cut."""
    sent = failed = 0
    for line in text.splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if start <= entry["timestamp"] / 1e9 < end:
            sent += 1
            failed += not str(entry["details"]).startswith(_GOOD)
    return sent, failed


def now() -> float:
    """The time as the load's log has it: seconds since 1970."""
    return time.time()
