from types import SimpleNamespace
from typing import Any

import pytest

from demo.removal import belongs_to_the_cluster, look_after_removal

CRD = "CustomResourceDefinition.apiextensions.k8s.io gateways.networking.istio.io"


@pytest.mark.parametrize(
    ("name", "belongs"),
    [
        (CRD, True),
        ("ConfigMap.v1 default/istio-ca-root-cert", True),
        ("ConfigMap.v1 bookinfo/istio-ca-root-cert", False),
        ("Namespace.v1 bookinfo", False),
        ("MutatingWebhookConfiguration.admissionregistration.k8s.io istio-sidecar-injector", False),
    ],
)
def test_what_stays_after_destroy_is_named_one_by_one(name: str, belongs: bool) -> None:
    assert belongs_to_the_cluster(name) == belongs


def test_definitions_stay_only_when_they_are_kept() -> None:
    kube: Any = SimpleNamespace(everything=lambda: {CRD: "1", "Node.v1 local": "2"})

    before = frozenset(["Node.v1 local"])

    assert look_after_removal(kube, before, 1.0, crds_stay=True).kept == (CRD,)
    assert look_after_removal(kube, before, 1.0, crds_stay=False).left == (CRD,)
