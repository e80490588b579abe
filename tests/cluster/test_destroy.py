"""The last module: it takes down the environment that the others share."""

import re

import pytest

from tests.cluster.conftest import Environment
from tests.cluster.kube import Kube
from tests.cluster.stack import Stack

BELONGS_TO_THE_CLUSTER = re.compile(
    r"CustomResourceDefinition\.apiextensions\.k8s\.io \w+\.\w+\.istio\.io"  # Helm keeps them, by the chart's own word
    r"|APIService\.apiregistration\.k8s\.io \w+\.\w+\.istio\.io"  # the API server makes one for each group of them
    r"|ConfigMap\.v1 (default|kube-\S+)/istio-ca-(root-cert|crl)"  # istiod gives one to every namespace
)


def test_destroy_leaves_nothing_but_what_belongs_to_the_cluster_itself(
    shared: Environment, till: Stack, kube: Kube, capsys: pytest.CaptureFixture[str]
) -> None:
    """A team's stack, then the environment: every object of every kind before and after. What is left is printed."""
    till.destroy()
    shared.stack.destroy()

    kept = {name for name in shared.before if BELONGS_TO_THE_CLUSTER.fullmatch(name)}
    left = sorted(set(kube.everything()) - shared.before | kept)
    with capsys.disabled():
        print("\nleft after destroy, and no part of the program:", *left, sep="\n  ")
    assert [name for name in left if not BELONGS_TO_THE_CLUSTER.fullmatch(name)] == []
