"""A steady load through the gateway, by fortio; every answer that failed is counted, none is tried again."""

import json
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from local_cluster.api import Cluster

REQUESTS_PER_SECOND = 40
CONNECTIONS = 4
_LONGEST_SECONDS = 900


@dataclass(frozen=True)
class LoadResult:
    """What became of the load's requests."""

    sent: int
    failed: int
    """Answers without a 2xx status, and requests without an answer."""
    broken_connections: int
    by_status: dict[str, int]

    @property
    def clean(self) -> bool:
        """Whether there was a load at all, and nobody noticed anything."""
        return self.sent > 0 and self.failed == self.broken_connections == 0


class Load:
    """Requests at a steady rate from `with` to its end; `result` afterwards."""

    def __init__(self, cluster: Cluster, folder: Path, path: str = "/", host: str = "") -> None:
        """`host` is the host behind the gateway that is asked."""
        self._json = folder / f"load-{host or 'any'}.json"
        self._command = [
            *(str(cluster.tools.bin_dir / "fortio"), "load", "-quiet", "-nocatchup"),
            *("-allow-initial-errors", "-qps", str(REQUESTS_PER_SECOND), "-c", str(CONNECTIONS)),
            *("-t", f"{_LONGEST_SECONDS}s", "-timeout", "10s", "-json", str(self._json)),
            *(("-H", f"Host: {host}") if host else ()),
            cluster.gateway_url + path,
        ]
        self.result = LoadResult(0, 0, 0, {})

    def __enter__(self) -> Self:
        self._json.unlink(missing_ok=True)
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        """Ends the load and reads its result."""
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._json.exists():
            self.result = _read(json.loads(self._json.read_text()))


def _read(said: dict[str, object]) -> LoadResult:
    codes, sockets, threads = said["RetCodes"], said["SocketCount"], said["NumThreads"]
    assert isinstance(codes, dict) and isinstance(sockets, int) and isinstance(threads, int)
    failed = sum(count for status, count in codes.items() if not status.startswith("2"))
    return LoadResult(sum(codes.values()), failed, max(0, sockets - threads), codes)
