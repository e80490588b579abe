"""The time line of one `up`, cut into parts that add up to the whole."""

import json
from pathlib import Path

import pytest

from bench.phases import PHASES, Span, covered, divide, read_spans

MONITOR, PROVIDER = "pulumirpc.ResourceMonitor/", "pulumirpc.ResourceProvider/"

UP = [
    Span("newPlugin", 100.1, 100.2),  # the language host
    Span(f"{MONITOR}GetDeploymentInfo", 100.5, 100.6),
    Span("newPlugin", 100.8, 101.0),  # the Kubernetes provider
    Span(f"{PROVIDER}Configure", 101.0, 101.1),
    Span(f"{PROVIDER}Update", 101.5, 101.7),
    Span("pulumirpc.Callbacks/Invoke", 101.6, 102.6),
    Span(f"{PROVIDER}Create", 102.6, 102.9),
    Span(f"{MONITOR}SignalAndWaitForShutdown", 103.0, 103.1),
]


def test_every_second_belongs_to_one_phase() -> None:
    found = divide(UP, began=100.0, ended=103.5)

    assert list(found) == list(PHASES)
    assert sum(found.values()) == pytest.approx(3.5)
    assert found == {
        "start": pytest.approx(0.5),
        "provider_start": pytest.approx(0.3),
        "writes": pytest.approx(0.5),
        "waits": pytest.approx(0.9),  # one tenth of it was beside a write
        "program": pytest.approx(0.8),
        "end": pytest.approx(0.5),
    }


def test_an_up_with_nothing_to_do_has_neither_writes_nor_waits() -> None:
    idle = [s for s in UP if s.name.startswith((MONITOR, "newPlugin")) or "Configure" in s.name]

    found = divide(idle, began=100.0, ended=103.5)

    assert (found["writes"], found["waits"]) == (0, 0)


@pytest.mark.parametrize(
    ("intervals", "seconds"),
    [([], 0), ([(1, 3), (2, 4)], 3), ([(1, 2), (3, 4)], 2), ([(-5, 1), (9, 20)], 2)],
)
def test_time_that_is_covered_twice_counts_once(
    intervals: list[tuple[float, float]], seconds: float
) -> None:
    assert covered(intervals, 0, 10) == pytest.approx(seconds)


def test_spans_are_read_from_pulumis_own_file(tmp_path: Path) -> None:
    span = {
        "name": "run-program",
        "startTimeUnixNano": "2500000000",
        "endTimeUnixNano": "3000000000",
    }
    early = {**span, "name": "pulumi-plan", "startTimeUnixNano": "1000000000"}
    lines = [{"resourceSpans": [{"scopeSpans": [{"spans": [one]}]}]} for one in (span, early)]
    file = tmp_path / "traces.json"
    file.write_text("\n".join(json.dumps(line) for line in lines))

    assert read_spans(file) == [Span("pulumi-plan", 1.0, 3.0), Span("run-program", 2.5, 3.0)]
