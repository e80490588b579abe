"""The real cluster that everything below this folder is tested on, and the environment that most of it shares."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from demo.ground import make_ground
from local_cluster.api import Cluster, Progress, add_image
from tests.cluster.configs import TEAM_IMAGES, environment
from tests.cluster.kube import Kube
from tests.cluster.stack import Stack
from tests.cluster.till import bank
from tests.cluster.walk import Walk, walk_reviews

_HERE = Path(__file__).parent
_LAST = "test_destroy.py"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test below this folder carries the mark `cluster`.

    Scenarios install meshes of their own, so they come before the environment that the others share;
    what destroys that comes last.
    """
    for item in items:
        if item.path.is_relative_to(_HERE):
            item.add_marker(pytest.mark.cluster)
    items.sort(key=_order)


def _order(item: pytest.Item) -> int:
    if item.path.is_relative_to(_HERE / "scenarios"):
        return 0
    return 2 if item.path == _HERE / _LAST else 1


@pytest.fixture(scope="session")
def cluster() -> Cluster:
    """The cluster of this clone, up and without stacks of earlier tests. Afterwards it stays up."""
    cluster = make_ground(Progress())
    command = ["standin", "serve", "--image", "$(IMAGE)"]
    add_image(cluster.place.images, f"{TEAM_IMAGES}/*", command, user=1000)
    return cluster


@pytest.fixture(scope="session")
def kube(cluster: Cluster) -> Iterator[Kube]:
    """The API server."""
    with Kube(cluster) as kube:
        yield kube


@dataclass(frozen=True)
class Environment:
    """The stack that everybody shares, and every object that was there before it."""

    stack: Stack
    before: frozenset[str]


@pytest.fixture(scope="session")
def shared(cluster: Cluster, kube: Kube, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Mesh, gateway, Bookinfo without a release, and a shop: set up once, in one `pulumi up`."""
    before = frozenset(kube.everything())
    stack = Stack("test-environment", cluster, tmp_path_factory.mktemp("environment"))
    stack.up(environment())
    return Environment(stack, before)


@pytest.fixture(scope="session")
def reviews_walk(shared: Environment, kube: Kube, tmp_path_factory: pytest.TempPathFactory) -> Walk:
    """A release of reviews from adoption to rollback, under a steady load, observed at every stage."""
    return walk_reviews(shared.stack, kube, tmp_path_factory.mktemp("walk"))


@pytest.fixture(scope="session")
def till(shared: Environment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The bank's stack: its till runs v1, or is at any stage but promoted: every story begins where it needs to."""
    stack = Stack("test-bank", shared.stack.cluster, tmp_path_factory.mktemp("bank"))
    stack.up(bank())
    yield stack
    stack.destroy()
