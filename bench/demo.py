"""`python -m demo` once, as a person runs it, on no cluster at all; tools cached.

- `demo_seconds`: the wall clock of the whole command, its interpreter's start included.
- the parts are the demo's own: until the cluster is up, until the page answers, and the sums over
  all stages of `pulumi preview`, of `pulumi up` and of sending the measured requests; the rest is
  waiting, counting and reading outputs.
- `requests`, `load_requests`, `failed_requests`: sent through the gateway by the measurement and by
  the background load, and without a 2xx answer among both.

A demo that is not as intended is an error here, after its figures.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.figures import Benchmark, Figure, seconds
from demo.ground import clear_ground
from local_cluster import api
from local_cluster.api import Progress
from local_cluster.place import this_clone


def run(progress: Progress) -> Iterator[Figure]:
    """Takes the cluster down, then runs the demo."""
    api.ensure_tools(progress)
    clear_ground(progress, "taking down the cluster of this clone: the demo starts from nothing")
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.json"
        command = [sys.executable, "-m", "demo", "--json", str(results)]
        started = time.monotonic()
        status = subprocess.run(
            command, cwd=this_clone(), stdout=sys.stderr, check=False
        ).returncode
        yield seconds("demo", time.monotonic() - started)
        yield from figures_of(json.loads(results.read_text()))
    if status:
        message = f"the demo was not as intended (exit status {status}); see above"
        raise RuntimeError(message)


def figures_of(results: dict[str, Any]) -> Iterator[Figure]:
    """The demo's own figures in what it writes with `--json`."""
    chapters = results["chapters"]
    answers = [chapter["measured"]["answers"] for chapter in chapters]
    load = results["load"] or {"sent": 0, "failed": 0}
    yield seconds("demo_cluster", results["cluster_seconds"])
    yield seconds("demo_setup", results["setup_seconds"])
    yield seconds("demo_previews", sum(c["preview_seconds"] for c in chapters))
    yield seconds("demo_ups", sum(c["up_seconds"] for c in chapters))
    yield seconds("demo_sending", sum(a["seconds"] for a in answers))
    yield Figure("requests", sum(a["sent"] for a in answers), "requests")
    yield Figure("load_requests", load["sent"], "requests")
    yield Figure("failed_requests", load["failed"] + sum(a["failed"] for a in answers), "requests")


BENCHMARK = Benchmark("demo", "the whole demo from nothing: seconds and its parts", run)
