"""What the program registers for gateways: the certificate before the object that names it, and the way out."""

from typing import Any

from pulumi.runtime import rpc

from tests.builders import stack_config
from tests.certificates import a_pair
from tests.components.recorder import run_program
from tests.components.run import Run

CERTIFICATE, KEY = a_pair()
MESH = {"kind": "istio", "install": True, "version": "1.31.1", "replicas": 2, "access_log": True}


def run_with(**changes: Any) -> Run:
    """A stack with a mesh of its own, without releases."""
    return run_program(
        stack_config(**{"mesh": MESH, "releases": {}, **changes}), secret=frozenset({"gateway"})
    )


def values_of(run: Run, name: str) -> dict[str, Any]:
    """The values of a Helm release."""
    (release,) = [r for r in run.of_type("Release") if r.name == name]
    values: dict[str, Any] = release.inputs["values"]
    return values


def test_the_certificate_is_there_before_the_gateway_that_names_it() -> None:
    run = run_with(gateway={"https": {"certificate": CERTIFICATE, "key": KEY}})
    (secret,), (gateway,) = run.of_type("Secret"), run.of_type("Gateway")
    named = gateway.inputs["spec"]["servers"][1]["tls"]["credentialName"]

    assert secret.inputs["metadata"]["name"] == named
    assert secret.inputs["metadata"]["namespace"] == "istio-ingress"
    assert secret.inputs["type"] == "kubernetes.io/tls"
    assert secret.urn in gateway.dependencies


def test_certificate_and_key_are_secrets_of_pulumis() -> None:
    run = run_with(gateway={"https": {"certificate": CERTIFICATE, "key": KEY}})
    (secret,) = run.of_type("Secret")

    assert rpc.is_rpc_secret(secret.inputs["data"])
    assert KEY not in str([r.inputs for r in run.resources if r is not secret])


def test_a_secret_that_is_there_already_is_not_made() -> None:
    run = run_with(gateway={"https": {"secret": "mine"}})

    assert run.of_type("Secret") == []


def test_two_replicas_come_with_a_disruption_budget() -> None:
    run = run_with(gateway={"replicas": 2}, egress_gateway={"replicas": 2})

    for name in ("istio-ingressgateway", "istio-egressgateway"):
        assert values_of(run, name)["replicaCount"] == 2
        assert values_of(run, name)["podDisruptionBudget"] == {"minAvailable": 1}
    assert values_of(run, "istiod")["replicaCount"] == 2  # its chart brings a budget by itself


def test_the_egress_gateway_is_for_the_mesh_alone() -> None:
    run = run_with(gateway={"replicas": 1}, egress_gateway={"replicas": 2})

    assert values_of(run, "istio-egressgateway")["service"] == {"type": "ClusterIP"}
    assert len(run.of_type("Gateway")) == 1


def test_the_access_log_is_the_proxies_standard_output() -> None:
    mesh = {**MESH, "access_log": False}

    assert values_of(run_with(), "istiod")["meshConfig"]["accessLogFile"] == "/dev/stdout"
    assert "meshConfig" not in values_of(run_with(mesh=mesh), "istiod")
