"""A steady load through the gateway, by fortio; every answer that failed is counted, none is tried again."""

import signal
import subprocess
from pathlib import Path
from typing import Self

from demo.load import LoadResult, read_result
from local_cluster.api import Cluster

REQUESTS_PER_SECOND = 40
CONNECTIONS = 4
_LONGEST_SECONDS = 900


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
            self.result = read_result(self._json.read_text())
