"""Where the time of one `pulumi up` goes, read from the spans that Pulumi itself records.

`pulumi --otel-traces file://F` writes one JSON line per batch of spans, with nanoseconds, for the
CLI, the language host and the provider (Pulumi 3.259). The time line is cut where these begin:

- start: from the start of the command until the program's interpreter asks the engine for the first
  time (`GetDeploymentInfo`, sent by Pulumi's own launcher right before it runs the program);
- provider_start: starting the provider's process, up to the end of its `Configure`;
- writes: calls of the provider that create, update or delete objects, awaits included;
- waits: calls of the program's hooks (the wait for proxies);
- program: what is left until the program says that it is done: its imports, its config, its plan,
  and the engine's checks and diffs;
- end: from there until the command ends.

Where two go on at the same time, the second is counted for the first in the order
provider_start, writes, waits. So the parts add up to the whole.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

_MONITOR = "pulumirpc.ResourceMonitor/"
_PROVIDER = "pulumirpc.ResourceProvider/"
_WRITES = frozenset(f"{_PROVIDER}{call}" for call in ("Create", "Update", "Delete"))
_HOOKS = frozenset({"pulumirpc.Callbacks/Invoke"})
PHASES = ("start", "provider_start", "writes", "waits", "program", "end")


@dataclass(frozen=True)
class Span:
    """One call, in seconds since 1970."""

    name: str
    start: float
    end: float


def read_spans(path: Path) -> list[Span]:
    """The spans of the CLI in a file of traces, by their start."""
    spans = [span for line in path.read_text().splitlines() for span in _spans_in(json.loads(line))]
    return sorted(spans, key=lambda span: span.start)


def divide(spans: list[Span], began: float, ended: float) -> dict[str, float]:
    """Seconds by phase, in the order of `PHASES`; they add up to `ended - began`."""
    running = next(s.start for s in spans if s.name == f"{_MONITOR}GetDeploymentInfo")
    done = next(s.start for s in spans if s.name == f"{_MONITOR}SignalAndWaitForShutdown")
    taken: list[tuple[float, float]] = []
    seconds = {"start": running - began}
    for phase, busy in (
        ("provider_start", _provider_start(spans, running)),
        ("writes", [(s.start, s.end) for s in spans if s.name in _WRITES]),
        ("waits", [(s.start, s.end) for s in spans if s.name in _HOOKS]),
    ):
        before = covered(taken, running, done)
        taken += busy
        seconds[phase] = covered(taken, running, done) - before
    seconds["program"] = done - running - covered(taken, running, done)
    seconds["end"] = ended - done
    return seconds


def covered(intervals: Iterable[tuple[float, float]], start: float, end: float) -> float:
    """Seconds between `start` and `end` that lie in at least one of the intervals."""
    total, reached = 0.0, start
    for first, last in sorted(intervals):
        total += max(0.0, min(last, end) - max(first, reached))
        reached = max(reached, min(last, end))
    return total


def _provider_start(spans: list[Span], running: float) -> list[tuple[float, float]]:
    """From the start of the provider's process to the end of its configuration."""
    started = [s.start for s in spans if s.name == "newPlugin" and s.start > running]
    configured = [s.end for s in spans if s.name == f"{_PROVIDER}Configure"]
    return [(started[0], configured[0])] if started and configured else []


def _spans_in(batch: dict[str, list[dict[str, object]]]) -> Iterator[Span]:
    for resource in batch["resourceSpans"]:
        for scope in _list(resource["scopeSpans"]):
            for span in _list(scope["spans"]):
                start, end = (int(str(span[f"{edge}TimeUnixNano"])) for edge in ("start", "end"))
                yield Span(str(span["name"]), start / 1e9, end / 1e9)


def _list(value: object) -> list[dict[str, object]]:
    return value if isinstance(value, list) else []
