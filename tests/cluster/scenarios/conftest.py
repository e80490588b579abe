"""Scenarios as `make demo` walks them, each on the one cluster and gone from it afterwards."""

from collections.abc import Callable

import pytest

from demo.report import Report
from demo.results import WalkResult
from demo.scenarios import SCENARIOS
from demo.table import keep
from demo.walk import Walk
from local_cluster.api import Cluster
from tests.cluster.stack import run_pulumi

Walker = Callable[[str], WalkResult]


@pytest.fixture(scope="session")
def walk(cluster: Cluster) -> Walker:
    """Walks a scenario once in a session, to its `pulumi destroy`, whoever asks. Its report is captured output."""
    results: dict[str, WalkResult] = {}

    def walk(name: str) -> WalkResult:
        if name not in results:
            walking = Walk(SCENARIOS[name], Report(), destroy=True, cluster=cluster)
            results[name] = walking.result  # one that breaks off is not walked again
            try:
                walking.run()
            except BaseException:  # whatever stopped it, the next scenario starts from nothing
                _clear(name, cluster)
                raise
            finally:
                keep(walking.result)
        return results[name]

    return walk


def _clear(name: str, cluster: Cluster) -> None:
    stack = SCENARIOS[name].stack
    file = cluster.place.clone_dir / f"{stack}.yaml"
    arguments = ["destroy", "--yes", "--skip-preview", "--stack", stack, "--config-file", str(file)]
    run_pulumi(arguments, cluster, cluster.place.clone)
