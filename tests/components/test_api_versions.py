"""No object that the program registers uses an API version or a field that is on its way out.

Sources: Kubernetes 1.36, API reference and deprecation guide; Istio 1.31, the versions of
`crd-all.gen.yaml` in its chart `base`, and the fields that the protos of istio.io/api v1.31.1 mark
as deprecated. `tests/cluster/test_dry_run.py` asks a real API server, with its warnings.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from demo.scenarios import SCENARIOS
from tests.components.states import (
    Manifest,
    describe,
    objects_of_example,
    objects_of_walk,
)
from tests.examples import EXAMPLES

CURRENT: Mapping[str, frozenset[str]] = {
    "v1": frozenset(
        {
            *("Namespace", "Service", "ServiceAccount", "ConfigMap", "Secret"),
            *("PersistentVolumeClaim", "Pod"),
        }
    ),
    "apps/v1": frozenset({"Deployment", "StatefulSet", "DaemonSet"}),
    "autoscaling/v2": frozenset({"HorizontalPodAutoscaler"}),
    "batch/v1": frozenset({"Job", "CronJob"}),
    "policy/v1": frozenset({"PodDisruptionBudget"}),
    "rbac.authorization.k8s.io/v1": frozenset(
        {"ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"}
    ),
    "networking.k8s.io/v1": frozenset({"NetworkPolicy"}),
    "admissionregistration.k8s.io/v1": frozenset(
        {"MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"}
    ),
    "apiextensions.k8s.io/v1": frozenset({"CustomResourceDefinition"}),
    "networking.istio.io/v1": frozenset(
        {"Gateway", "VirtualService", "DestinationRule", "ServiceEntry", "Sidecar"}
    ),
    "security.istio.io/v1": frozenset(
        {"AuthorizationPolicy", "PeerAuthentication", "RequestAuthentication"}
    ),
    "telemetry.istio.io/v1": frozenset({"Telemetry"}),
}
"""Served, and the newest version of their kind."""

GONE_OR_GOING: Mapping[str, Mapping[str, Callable[[Any], bool]]] = {
    "VirtualService": {
        "mirrorPercent": lambda _: True,
        "mirror_percent": lambda _: True,
        "percent": lambda _: True,  # of a fault, which has `percentage` now
        "allowOrigin": lambda _: True,
    },
    "DestinationRule": {
        "consecutiveErrors": lambda _: True,
        "minimumRingSize": lambda _: True,
        "simple": lambda value: value == "LEAST_CONN",
    },
    "Gateway": {"targetPort": lambda _: True},
    "Sidecar": {"targetPort": lambda _: True},
    "Service": {
        "loadBalancerIP": lambda _: True,  # since 1.24
        "externalIPs": lambda _: True,  # since 1.36
    },
    "PodSpec": {
        "serviceAccount": lambda _: True,  # serviceAccountName
        "gitRepo": lambda _: True,
    },
    "metadata": {
        "kubernetes.io/ingress.class": lambda _: True,
        "seccomp.security.alpha.kubernetes.io/pod": lambda _: True,
    },
}
"""By kind: the field, and which values of it are meant."""

_WITH_PODS = {"Deployment", "StatefulSet", "DaemonSet", "Job"}


def going(manifest: Manifest) -> Iterator[str]:
    """What of an object is deprecated."""
    version, kind = manifest["apiVersion"], manifest["kind"]
    if kind not in CURRENT.get(version, ()):
        yield f"{version} {kind} is not the newest version that is served"
    rules = GONE_OR_GOING.get("PodSpec" if kind in _WITH_PODS else kind, {})
    for field, value in _fields(manifest.get("spec", {})):
        if field in rules and rules[field](value):
            yield f"{field}: {value}"
        if field == "annotations" and "sidecar.istio.io/inject" in value:
            yield "the annotation sidecar.istio.io/inject: a label now"
        if field in GONE_OR_GOING["metadata"] and GONE_OR_GOING["metadata"][field](value):
            yield field


def _fields(value: Any) -> Iterator[tuple[str, Any]]:
    """Every key with its value, at any depth."""
    if isinstance(value, Mapping):
        for key, below in value.items():
            yield key, below
            yield from _fields(below)
    elif isinstance(value, list):
        for below in value:
            yield from _fields(below)


def found_in(manifests: tuple[Manifest, ...]) -> list[str]:
    """Everything that is deprecated in them."""
    return sorted({f"{describe(m)}: {said}" for m in manifests for said in going(m)})


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_uses_nothing_that_is_deprecated(path: Path) -> None:
    objects = objects_of_example(path)

    assert len(objects) >= 4
    assert found_in(objects) == []


@pytest.mark.parametrize("name", SCENARIOS)
def test_no_state_of_a_walk_uses_anything_that_is_deprecated(name: str) -> None:
    assert found_in(objects_of_walk(name)) == []


@pytest.mark.parametrize(
    "manifest",
    [
        {"apiVersion": "policy/v1beta1", "kind": "PodDisruptionBudget"},
        {"apiVersion": "networking.istio.io/v1beta1", "kind": "Gateway"},
        {
            "apiVersion": "networking.istio.io/v1",
            "kind": "VirtualService",
            "spec": {"http": [{"fault": {"delay": {"percent": 10}}}]},
        },
        {"apiVersion": "v1", "kind": "Service", "spec": {"loadBalancerIP": "10.0.0.1"}},
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "spec": {
                "template": {"metadata": {"annotations": {"sidecar.istio.io/inject": "true"}}}
            },
        },
    ],
)
def test_what_is_deprecated_is_found(manifest: Manifest) -> None:
    assert len(list(going({"metadata": {"name": "any"}, **manifest}))) == 1
