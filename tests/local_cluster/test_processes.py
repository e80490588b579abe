import dataclasses
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local_cluster import processes

CLUSTER = "test-of-processes"


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    processes.stop(processes.marked(CLUSTER), grace_seconds=0)


def start(records: Path, *command: str, name: str = "sleeper") -> processes.Process:
    return processes.start(
        name, command, cluster=CLUSTER, records=records, log=records / f"{name}.log"
    )


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline, "did not become true within 10 s"
        time.sleep(0.01)


def test_a_process_that_was_started_is_alive_and_recorded(records: Path) -> None:
    process = start(records, "sleep", "60")

    assert processes.is_alive(process)
    assert {"sleeper": process} == processes.recorded(records)


def test_a_process_that_was_stopped_is_not_alive(records: Path) -> None:
    process = start(records, "sleep", "60")

    processes.stop([process], grace_seconds=5)

    assert not processes.is_alive(process)


def test_a_pid_that_another_process_has_now_is_not_ours(records: Path) -> None:
    process = start(records, "sleep", "60")
    earlier = dataclasses.replace(process, start_time=process.start_time - 1)

    processes.stop([earlier], grace_seconds=0)

    assert not processes.is_alive(earlier)
    assert processes.is_alive(process)


def test_a_process_that_ignores_the_polite_signal_is_killed(records: Path) -> None:
    ready = records / "ready"
    process = start(records, "sh", "-c", f"trap '' TERM; touch {ready}; sleep 60 & wait; wait")
    wait_until(ready.exists)

    processes.stop([process], grace_seconds=0.1)

    assert not processes.is_alive(process)


def test_a_process_whose_record_was_never_written_is_found_by_its_mark(records: Path) -> None:
    process = start(records, "sleep", "60")
    (records / "sleeper.json").unlink()

    # The kernel shows the environment a moment after the program has begun.
    wait_until(lambda: process.pid in {found.pid for found in processes.marked(CLUSTER)})


def test_a_record_that_was_cut_short_is_no_record(records: Path) -> None:
    (records / "half.json").write_text('{"name": "half", "pi')

    assert processes.recorded(records) == {}


def test_what_a_process_writes_is_in_its_log(records: Path) -> None:
    done = records / "done"
    start(records, "sh", "-c", f"echo out; echo err >&2; touch {done}", name="writer")
    wait_until(done.exists)

    assert (records / "writer.log").read_text() == "out\nerr\n"


def test_a_process_survives_the_one_that_started_it(records: Path) -> None:
    """Started by a Python process that ends at once, the way `up` starts the control plane."""
    program = (
        "from pathlib import Path\n"
        "from local_cluster import processes\n"
        f"folder = Path({str(records)!r})\n"
        f"processes.start('orphan', ['sleep', '60'], cluster={CLUSTER!r},\n"
        "    records=folder, log=folder / 'orphan.log')\n"
    )
    subprocess.run(
        [sys.executable, "-c", program], check=True, env={**os.environ, "PYTHONPATH": "."}
    )

    assert processes.is_alive(processes.recorded(records)["orphan"])
