"""The last module: it takes down the environment that the others share."""

import pytest

from demo.removal import belongs_to_the_cluster
from tests.cluster.conftest import Environment
from tests.cluster.kube import Kube
from tests.cluster.stack import Stack


def test_destroy_leaves_nothing_but_what_belongs_to_the_cluster_itself(
    shared: Environment, till: Stack, kube: Kube, capsys: pytest.CaptureFixture[str]
) -> None:
    """A team's stack, then the environment: every object of every kind before and after. What is left is printed."""
    till.destroy()
    shared.stack.destroy()

    kept = {name for name in shared.before if belongs_to_the_cluster(name)}
    left = sorted(set(kube.everything()) - shared.before | kept)
    with capsys.disabled():
        print("\nleft after destroy, and no part of the program:", *left, sep="\n  ")
    assert [name for name in left if not belongs_to_the_cluster(name)] == []
