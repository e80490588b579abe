"""Clusters of clones that exist only for a test, beside the one that all other tests share."""

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local_cluster import api
from local_cluster.cluster import Cluster, cluster_processes
from local_cluster.place import Place
from local_cluster.processes import Process


@pytest.fixture(scope="session")
def progress() -> api.Progress:
    return api.Progress()


@pytest.fixture(scope="session")
def tools(progress: api.Progress) -> api.Toolset:
    return api.ensure_tools(progress)


@pytest.fixture
def new_clone(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Makes folders that count as clones; whatever was started for them is gone after the test."""
    clones = []

    def make(name: str) -> Path:
        clone = tmp_path / name
        clone.mkdir()
        clones.append(clone)
        return clone

    yield make
    for clone in clones:
        api.down(clone)


@pytest.fixture(scope="module")
def damaged(
    tmp_path_factory: pytest.TempPathFactory, tools: api.Toolset, progress: api.Progress
) -> Iterator[Cluster]:
    """A cluster that tests may do harm to, as long as `up` makes it whole again."""
    clone = tmp_path_factory.mktemp("damaged")
    yield api.up(tools, progress, clone)
    api.down(clone)


def process(place: Place, name: str) -> Process:
    return cluster_processes(place)[name]


def kubectl(cluster: Cluster, *arguments: str, text: str | None = None) -> str:
    command = ["kubectl", *arguments]
    done = subprocess.run(
        command, env=cluster.env, input=text, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def eventually(holds: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"did not become true within {seconds} s"
        time.sleep(0.1)
