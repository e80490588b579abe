"""A mesh that owns its CRDs leaves nothing at all: no CRD, no webhook, no namespace."""

from pathlib import Path

from demo.removal import belongs_to_the_cluster
from local_cluster.api import Cluster
from tests.cluster.configs import CLUSTER
from tests.cluster.kube import Kube
from tests.cluster.stack import Config, Stack, wait_until

MESH: Config = {
    "cluster": CLUSTER,
    "mesh": {
        "kind": "istio",
        "install": True,
        "charts": ".local-cluster/charts",
        "tag": "1.31.1",
        "keep_crds": False,
    },
}


def of_istio(kube: Kube) -> list[str]:
    """Every object of the cluster that Istio's charts make, by its name."""
    marks = ("istio.io", "istio-system", "istiod", "istio-")
    return sorted(
        name
        for name in kube.everything()
        if any(mark in name for mark in marks) and not belongs_to_the_cluster(name, crds_stay=False)
    )


def test_crds_that_the_stack_owns_go_with_the_mesh(
    cluster: Cluster, kube: Kube, tmp_path: Path
) -> None:
    """With `keep_crds: false`; scenarios show what stays without it."""
    stack = Stack("test-crds", cluster, tmp_path)
    stack.up(MESH)
    there = of_istio(kube)
    idle = stack.has_nothing_to_do(MESH)
    stack.destroy()

    assert any("virtualservices.networking.istio.io" in name for name in there)
    assert idle
    wait_until("nothing of Istio is left", lambda: of_istio(kube) == [])
