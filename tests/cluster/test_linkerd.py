"""Linkerd on a real API server, as far as it goes there: charts that stand in for Linkerd's own take the same values.

What they install runs nothing, so what is shown is what the program answers for: certificates, their keys, order, marks
on pods, rotation, and a clean end.
"""

import gzip
from base64 import b64decode
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from local_cluster.api import Cluster
from tests.cluster.configs import CLUSTER
from tests.cluster.kube import Kube
from tests.cluster.stack import Config, Stack

CHARTS = "tests/cluster/linkerd_charts"
SECRET = "/api/v1/namespaces/linkerd/secrets/linkerd-identity-issuer"
BUNDLE = "/api/v1/namespaces/linkerd/configmaps/linkerd-identity-trust-roots"
CART = {"image": "docker.io/team/cart:1", "port": 8080}


def garage(**mesh: Any) -> Config:
    """Linkerd, and an app with two services of which one has the proxy. Their images are nowhere: KWOK pretends."""
    return {
        "cluster": CLUSTER,
        "mesh": {"kind": "linkerd", "install": True, "charts": CHARTS, "viz": True, **mesh},
        "apps": {
            "garage": {
                "namespace": "garage",
                "sidecars": ["webapp"],
                "workloads": {"webapp": CART, "mailserver": CART},
            }
        },
    }


def parts_of(kube: Kube) -> dict[str, str]:
    """The texts in the issuer's Secret."""
    secret = kube.get(SECRET)
    assert secret
    return {name: b64decode(text).decode() for name, text in secret["data"].items()}


def bundle_of(kube: Kube) -> list[x509.Certificate]:
    """What proxies would trust."""
    found = kube.get(BUNDLE)
    assert found
    return x509.load_pem_x509_certificates(found["data"]["ca-bundle.crt"].encode())


def pods_of(kube: Kube) -> Mapping[str, str]:
    """The ids of the pods by service: another one is another pod."""
    pods = kube.items("/api/v1/namespaces/garage/pods")
    here = [pod["metadata"] for pod in pods if "deletionTimestamp" not in pod["metadata"]]
    return {pod["labels"]["app"]: pod["uid"] for pod in here}


@pytest.fixture(scope="module")
def before(cluster: Cluster, kube: Kube) -> frozenset[str]:
    """Every object that was there before."""
    assert cluster
    return frozenset(kube.everything())


@pytest.fixture(scope="module")
def stack(
    cluster: Cluster, before: frozenset[str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """Linkerd and the garage, set up in one `pulumi up`; gone at the end."""
    assert before is not None
    stack = Stack("test-linkerd", cluster, tmp_path_factory.mktemp("linkerd"))
    stack.up(garage())
    yield stack
    stack.destroy()


def test_a_second_run_makes_no_other_certificate(stack: Stack) -> None:
    assert stack.has_nothing_to_do(garage())


def test_the_secret_holds_an_issuer_that_the_trusted_anchor_signed(
    stack: Stack, kube: Kube
) -> None:
    parts = parts_of(kube)
    issuer = x509.load_pem_x509_certificate(parts["tls.crt"].encode())
    key = load_pem_private_key(parts["tls.key"].encode(), password=None)
    (anchor,) = bundle_of(kube)

    issuer.verify_directly_issued_by(anchor)
    assert key.public_key() == issuer.public_key()
    assert x509.load_pem_x509_certificate(parts["ca.crt"].encode()) == anchor


def test_no_key_is_in_the_state_or_in_what_helm_keeps(stack: Stack, kube: Kube) -> None:
    """As it stands, in base64, or as PEM with its lines escaped; the anchor's key is nowhere but in the state."""
    secret = kube.get(SECRET)
    assert secret
    key = parts_of(kube)["tls.key"]
    state = stack.state()
    releases = [
        gzip.decompress(b64decode(b64decode(item["data"]["release"]))).decode()
        for item in kube.items("/api/v1/namespaces/linkerd/secrets")
        if item["type"] == "helm.sh/release.v1"
    ]

    assert any("linkerd-identity-trust-roots" in release for release in releases)
    assert all("PRIVATE KEY" not in release for release in releases)
    assert secret["data"]["tls.key"] not in state
    assert "PRIVATE KEY" not in state
    assert key.splitlines()[1] not in state


def test_the_annotation_is_on_the_pods_of_the_chosen_workload(stack: Stack, kube: Kube) -> None:
    pods = kube.items("/api/v1/namespaces/garage/pods")
    marked = {p["metadata"]["labels"]["app"]: p["metadata"].get("annotations", {}) for p in pods}

    assert marked["webapp"]["linkerd.io/inject"] == "enabled"
    assert "linkerd.io/inject" not in marked["mailserver"]


def test_a_renewed_issuer_takes_its_place_and_restarts_nobody(stack: Stack, kube: Kube) -> None:
    was, pods, secret = parts_of(kube), pods_of(kube), kube.get(SECRET)
    stack.up(garage(issuer={"number": 2}))
    now, again = parts_of(kube), kube.get(SECRET)

    assert secret and again
    assert now["tls.crt"] != was["tls.crt"]
    assert now["ca.crt"] == was["ca.crt"]
    assert again["metadata"]["uid"] == secret["metadata"]["uid"], "it was never away"
    assert pods_of(kube) == pods


def test_an_anchor_is_rotated_in_three_runs_and_not_in_one(stack: Stack, kube: Kube) -> None:
    refused = stack.preview(garage(trust_anchors=["root-2"]))

    assert refused.refused
    assert "running pods do not trust yet" in refused

    (old,) = bundle_of(kube)
    pods = pods_of(kube)
    stack.up(garage(trust_anchors=["root-1", "root-2"], issuer={"anchor": "root-1", "number": 2}))
    first, second = bundle_of(kube)
    trusting = pods_of(kube)

    assert first == old
    assert trusting["webapp"] != pods["webapp"]
    assert trusting["mailserver"] == pods["mailserver"]

    stack.up(garage(trust_anchors=["root-1", "root-2"], issuer={"anchor": "root-2", "number": 2}))
    issuer = x509.load_pem_x509_certificate(parts_of(kube)["tls.crt"].encode())

    issuer.verify_directly_issued_by(second)

    stack.up(garage(trust_anchors=["root-2"], issuer={"number": 2}))

    assert bundle_of(kube) == [second]
    assert stack.has_nothing_to_do(garage(trust_anchors=["root-2"], issuer={"number": 2}))


def test_a_release_is_refused_with_what_to_take_instead(stack: Stack) -> None:
    release = {
        "namespace": "garage",
        "service": "webapp",
        "stable": {"version": "v1", "image": CART["image"]},
        "canary": {"version": "v2", "image": "docker.io/team/cart:2"},
        "stage": "dark",
        "steps": [10],
    }
    refused = stack.preview({**garage(), "releases": {"webapp": release}})

    assert refused.refused
    assert "a release on Linkerd is not there yet" in refused
    assert "kind: istio" in refused


def test_nothing_is_left_when_it_is_destroyed(
    stack: Stack, kube: Kube, before: frozenset[str]
) -> None:
    stack.destroy()

    assert frozenset(kube.everything()) - before == frozenset()
