"""The background load of a walk: which targets are asked, since when, and whether a failure counts.

A chapter in which failures are intended has a load of its own, so that its failures are known by
themselves; where targets change, the old load ends and another one begins.
"""

from types import TracebackType
from typing import Self

from demo.load import BackgroundLoad, LoadResult
from demo.service import Target
from local_cluster.api import Cluster

NONE = LoadResult(0, 0, 0, {})


class Loads:
    """Every load from `with` to its end; `judged` and `intended` afterwards."""

    def __init__(self, cluster: Cluster, targets: tuple[Target, ...]) -> None:
        """Nothing runs yet."""
        self._cluster, self._targets = cluster, targets
        self._faults = ""
        self._running: list[BackgroundLoad] = []
        self._all: list[BackgroundLoad] = []
        self.judged = NONE
        """What none may fail of."""
        self.intended = NONE
        """The load of the chapters in which failures are intended."""

    def __enter__(self) -> Self:
        self._start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        """Ends what runs. One that ended by itself is an error of its own."""
        self._end(kind)

    def run(self, targets: tuple[Target, ...] | None, faults: str) -> None:
        """From here on these are asked, or the same as before (None); failures count without `faults`."""
        wanted = self._targets if targets is None else targets
        if (wanted, faults) != (self._targets, self._faults):
            self._end(None)
            self._targets, self._faults = wanted, faults
            self._start()

    @property
    def targets(self) -> tuple[Target, ...]:
        """What is asked now."""
        return self._targets

    @property
    def asked_anything(self) -> bool:
        """Whether there has been a load at all."""
        return bool(self._all)

    def counted_between(self, start: float, end: float) -> tuple[int, int]:
        """Requests of all loads between two times (seconds since 1970), and failed ones."""
        counts = [load.counted_between(start, end) for load in self._all]
        return sum(sent for sent, _ in counts), sum(failed for _, failed in counts)

    def _start(self) -> None:
        fortio = self._cluster.tools.bin_dir / "fortio"
        for target in self._targets:
            headers = {"User-Agent": "demo-background", **target.headers}
            if target.host:
                headers["Host"] = target.host
            load = BackgroundLoad(
                fortio,
                self._cluster.gateway_url + target.path,
                self._cluster.run_dir,
                headers,
                f"load-{len(self._all) + 1}",
                kept_connections=target.kept_connections,
            )
            self._all.append(load)
            self._running.append(load.__enter__())

    def _end(self, kind: type[BaseException] | None) -> None:
        """Every one is ended, whatever becomes of the others."""
        errors = []
        while self._running:
            load = self._running.pop()
            try:
                load.__exit__(kind, None, None)
            except RuntimeError as error:
                errors.append(error)
            result = load.result or NONE
            if self._faults:
                self.intended += result
            else:
                self.judged += result
        if errors:
            raise errors[0]
