"""The real cluster that everything below this folder is tested on."""

from pathlib import Path

import pytest

from local_cluster import api
from local_cluster.cluster import Cluster

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test below this folder carries the mark `cluster`."""
    for item in items:
        if item.path.is_relative_to(_HERE):
            item.add_marker(pytest.mark.cluster)


@pytest.fixture(scope="session")
def cluster() -> Cluster:
    """The cluster of this clone, started where it was not up. Afterwards it stays up."""
    return api.ensure_up()
