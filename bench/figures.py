"""What a benchmark is, and what it prints."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from local_cluster.api import Progress


@dataclass(frozen=True)
class Figure:
    """One measured number."""

    name: str
    value: float
    unit: str
    """seconds, MiB, ratio or requests."""

    def __str__(self) -> str:
        """The line that is printed: cluster_ready_seconds 14.62 seconds."""
        return f"{self.name} {self.value:.6g} {self.unit}"


def seconds(name: str, value: float) -> Figure:
    """A time; its name ends with its unit."""
    return Figure(f"{name}_seconds", round(value, 4), "seconds")


@dataclass(frozen=True)
class Benchmark:
    """One benchmark: its name, one line on it, and how it is run."""

    name: str
    summary: str
    run: Callable[[Progress], Iterable[Figure]]
    """Yields figures as they are known; progress goes to standard error."""
