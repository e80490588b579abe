"""What the program registers for add-ons: objects, their way in, what the mesh is told, and how each is reached."""

from typing import Any

import pytest
from pulumi.runtime import rpc

from tests.builders import stack_config
from tests.components.recorder import run_program
from tests.components.run import Run

MESH = {"kind": "istio", "install": True, "version": "1.31.1"}
PASSWORD = "correct horse"


def run_of(mesh: dict[str, Any] | None = None, **addons: Any) -> Run:
    """A stack with a mesh, a gateway and these add-ons."""
    config = stack_config(
        mesh={**MESH, **(mesh or {})}, gateway={"name": "istio-ingressgateway"}, releases={}
    )
    with_addons = {**config, "addons": {"domain": "demo.example", **addons}}
    return run_program(with_addons, secret=frozenset({"addons"}))


def names_of(run: Run, kind: str) -> list[str]:
    return sorted(r.inputs["metadata"]["name"] for r in run.of_type(kind) if not r.read)


def test_an_add_on_that_is_exposed_has_a_host_of_its_own() -> None:
    run = run_of(prometheus={"expose": True}, tracing={"expose": True, "host": "traces.example"})

    gateway = run["mesh-addons-addon-prometheus-gateway"].inputs["spec"]
    route = run["mesh-addons-addon-prometheus-virtualservice"].inputs["spec"]
    assert gateway["selector"] == {"istio": "istio-ingressgateway"}
    assert [server["hosts"] for server in gateway["servers"]] == [["prometheus.demo.example"]]
    assert route["hosts"] == ["prometheus.demo.example"]
    assert route["gateways"] == ["mesh-addons/addon-prometheus"]
    assert run["mesh-addons-addon-tracing-virtualservice"].inputs["spec"]["hosts"] == [
        "traces.example"
    ]


def test_tls_is_off_towards_an_exposed_add_on() -> None:
    rule = run_of(prometheus={"expose": True})["mesh-addons-addon-prometheus-destinationrule"]

    assert rule.inputs["spec"] == {
        "host": "prometheus.mesh-addons.svc.cluster.local",
        "trafficPolicy": {"tls": {"mode": "DISABLE"}},
    }


def test_an_add_on_is_not_exposed_unless_its_entry_says_so() -> None:
    run = run_of(prometheus={}, tracing={})

    assert not [
        name
        for kind in ("Gateway", "VirtualService")
        for name in names_of(run, kind)
        if name.startswith("addon")
    ]
    assert run.exports["addons"] == {
        "prometheus": (
            "kubectl --context local --namespace mesh-addons port-forward service/prometheus 9090:9090, "
            "then http://127.0.0.1:9090/"
        ),
        "tracing": (
            "kubectl --context local --namespace mesh-addons port-forward service/tracing 8080:80, "
            "then http://127.0.0.1:8080/"
        ),
    }


def test_https_is_the_gateways_own_for_every_host() -> None:
    """Browsers keep one connection for hosts of one certificate: with two Gateway objects of it Istio answers 404."""
    https = {"secret": "wildcard", "redirect": True}
    config = stack_config(mesh=MESH, gateway={"https": https}, releases={})
    run = run_program(
        {**config, "addons": {"domain": "demo.example", "prometheus": {"expose": True}}}
    )

    servers = run["mesh-addons-addon-prometheus-gateway"].inputs["spec"]["servers"]
    route = run["mesh-addons-addon-prometheus-virtualservice"].inputs["spec"]
    assert [server["port"]["protocol"] for server in servers] == ["HTTP"]
    assert servers[0]["tls"] == {"httpsRedirect": True}
    assert route["gateways"] == [
        "mesh-addons/addon-prometheus",
        "istio-ingress/istio-ingressgateway",
    ]
    assert run.exports["addons"] == {"prometheus": "https://prometheus.demo.example/"}


def test_a_stack_without_add_ons_has_none_of_it() -> None:
    run = run_program(
        stack_config(mesh=MESH, gateway={"name": "istio-ingressgateway"}, releases={})
    )

    assert not run.of_type("AddOns")
    assert "addons" not in run.exports
    assert "meshConfig" not in run["istiod"].inputs["values"]


def test_the_mesh_is_told_where_traces_go_and_how_many() -> None:
    run = run_of(mesh={"trace_sampling_percent": 12.5}, tracing={})

    told = run["istiod"].inputs["values"]["meshConfig"]
    assert told["extensionProviders"] == [
        {
            "name": "mesh-canary-tracing",
            "zipkin": {"service": "zipkin.mesh-addons.svc.cluster.local", "port": 9411},
        }
    ]
    assert run["istio-system-mesh-default-telemetry"].inputs["spec"] == {
        "tracing": [
            {"providers": [{"name": "mesh-canary-tracing"}], "randomSamplingPercentage": 12.5}
        ]
    }


def test_one_percent_is_traced_where_nothing_else_is_said() -> None:
    telemetry = run_of(tracing={})["istio-system-mesh-default-telemetry"].inputs["spec"]

    assert telemetry["tracing"][0]["randomSamplingPercentage"] == 1


def test_proxies_keep_the_figures_of_subsets_for_prometheus() -> None:
    told = run_of(prometheus={})["istiod"].inputs["values"]["meshConfig"]

    assert list(told) == ["defaultConfig"]
    assert list(told["defaultConfig"]["proxyStatsMatcher"]) == ["inclusionRegexps"]


def test_what_the_stack_file_says_to_istiod_itself_wins() -> None:
    values = {"meshConfig": {"defaultConfig": {"proxyStatsMatcher": {"inclusionPrefixes": ["x"]}}}}
    told = run_of(mesh={"istiod_values": values}, prometheus={})["istiod"].inputs["values"]

    assert told["meshConfig"]["defaultConfig"]["proxyStatsMatcher"]["inclusionPrefixes"] == ["x"]


def test_an_add_on_runs_before_anything_leads_to_it() -> None:
    run = run_of(prometheus={"expose": True})

    route = run["mesh-addons-addon-prometheus-virtualservice"]
    assert run["mesh-addons-prometheus-deployment"].urn in route.dependencies


@pytest.mark.parametrize("name", ["grafana", "kiali"])
def test_a_secret_is_secret_for_pulumi_too(name: str) -> None:
    """Pulumi keeps it encrypted in the state."""
    run = run_of(
        prometheus={},
        grafana={"admin_password": PASSWORD},
        kiali={"signing_key": "0123456789abcdef"},
    )
    secret = run[f"mesh-addons-{name}-secret"]

    assert rpc.is_rpc_secret(secret.inputs["stringData"])
    assert PASSWORD not in str([r.inputs for r in run.resources if r.type != secret.type])


def test_the_stacks_tags_are_on_add_ons_and_their_pods() -> None:
    config = stack_config(mesh=MESH, tags={"env": "prod"}, releases={})
    run = run_program({**config, "addons": {"prometheus": {}}})
    deployment = run["mesh-addons-prometheus-deployment"].inputs

    assert "prod" in str(deployment["metadata"])
    assert "prod" in str(deployment["spec"]["template"]["metadata"])
    assert "prod" not in str(deployment["spec"]["selector"])
