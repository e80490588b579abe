"""What a workload may have beside one HTTP port: several ports or none, probes of every kind, volumes, secrets."""

from typing import Any

import pytest

from mesh_canary.routing import Manifest
from mesh_canary.settings import WorkloadSettings
from mesh_canary.workloads import make_kept, make_service, make_workload

PORTS = {"tcp-amqp": {"port": 5672}, "http-admin": {"port": 80, "target": 15672}}
SECRETS = {"password": "Swordfish-4711", "certificate": "PEM", "other": "of somebody else"}


def a_workload(**changes: Any) -> WorkloadSettings:
    """One pod of cart; without a port of its own unless `changes` says so."""
    config = {"image": "docker.io/team/cart:1.4.2", "ports": {}, **changes}
    return WorkloadSettings.model_validate(config)


def pod_of(**changes: Any) -> Manifest:
    """The pod's spec."""
    deployment, *_ = make_workload("shop", "cart", "cart", a_workload(**changes))
    spec: Manifest = deployment["spec"]["template"]["spec"]
    return spec


def container_of(**changes: Any) -> Manifest:
    """The one container of cart."""
    (container,) = pod_of(**changes)["containers"]
    assert isinstance(container, dict)
    return container


def test_a_service_has_a_port_of_its_own_for_each_of_the_container() -> None:
    service = make_service("shop", "cart", a_workload(ports=PORTS).listens)

    assert service["spec"]["ports"] == [
        {"name": "http-admin", "port": 80, "targetPort": 15672},
        {"name": "tcp-amqp", "port": 5672, "targetPort": 5672},
    ]
    assert container_of(ports=PORTS)["ports"] == [
        {"name": "http-admin", "containerPort": 15672},
        {"name": "tcp-amqp", "containerPort": 5672},
    ]


def test_ports_for_http_come_first_however_they_are_written() -> None:
    """Pulumi hands keys over in the order of the alphabet: the order in the file cannot count."""
    ports = {"a-port": {"port": 1}, "tcp-sql": {"port": 2}, "http-web": {"port": 3}}

    for written in (ports, dict(reversed(ports.items()))):
        assert list(a_workload(ports=written).listens) == ["http-web", "a-port", "tcp-sql"]


def test_a_workload_that_nobody_calls_has_no_port() -> None:
    assert a_workload().first_port is None
    assert "ports" not in container_of()


@pytest.mark.parametrize("kind", ["NodePort", "LoadBalancer"])
def test_a_service_is_reached_from_outside_only_where_that_is_asked_for(kind: Any) -> None:
    workload = a_workload(
        ports={"http": {"port": 80, "node_port": 30080}},
        service_type=kind,
    )
    inside = make_service("shop", "cart", a_workload(ports=PORTS).listens)
    outside = make_service("shop", "cart", workload.listens, workload.service_type)

    assert "type" not in inside["spec"]
    assert outside["spec"]["type"] == kind
    assert outside["spec"]["ports"][0]["nodePort"] == 30080


def test_a_probe_asks_by_http_by_tcp_or_by_a_command() -> None:
    probes = {
        "startup": {"tcp_port": 5672, "period_seconds": 10, "failure_threshold": 30},
        "readiness": {"command": ["rabbitmq-diagnostics", "-q", "ping"], "timeout_seconds": 15},
        "liveness": {"path": "/health", "port": 15672},
    }
    container = container_of(ports=PORTS, probes={**probes, "period_seconds": 7})

    assert container["startupProbe"] == {
        "tcpSocket": {"port": 5672},
        "periodSeconds": 10,
        "failureThreshold": 30,
    }
    assert container["readinessProbe"] == {
        "exec": {"command": ["rabbitmq-diagnostics", "-q", "ping"]},
        "periodSeconds": 7,
        "failureThreshold": 3,
        "timeoutSeconds": 15,
    }
    assert container["livenessProbe"]["httpGet"] == {"path": "/health", "port": 15672}


def test_a_path_alone_is_asked_on_the_containers_first_port() -> None:
    container = container_of(ports=PORTS, probes={"readiness": {"path": "/"}, "liveness": "/"})

    assert container["readinessProbe"]["httpGet"] == {"path": "/", "port": 15672}
    assert container["livenessProbe"]["httpGet"] == {"path": "/", "port": 15672}


def test_a_secret_reaches_a_variable_by_its_name_alone() -> None:
    secret_env = {"PASSWORD": "password"}
    workload = a_workload(secret_env=secret_env, env={"USER": "till"})
    deployment, *_ = make_workload("shop", "cart", "cart", workload)
    (container,) = deployment["spec"]["template"]["spec"]["containers"]

    assert container["env"] == [
        {
            "name": "PASSWORD",
            "valueFrom": {"secretKeyRef": {"name": "cart", "key": "password"}},
        },
        {"name": "USER", "value": "till"},
    ]
    assert "Swordfish" not in str(deployment)


def test_a_version_may_have_another_value_than_the_secret_one() -> None:
    workload = a_workload(secret_env={"PASSWORD": "password"})
    changed = workload.model_copy(update={"env": {"PASSWORD": "guest"}})
    deployment, *_ = make_workload("shop", "cart", "cart", changed)
    (container,) = deployment["spec"]["template"]["spec"]["containers"]

    assert container["env"] == [{"name": "PASSWORD", "value": "guest"}]


VOLUMES = {
    "temp": {"mount": "/tmp"},
    "data": {"mount": "/data", "size": "8Gi", "storage_class": "fast"},
    "conf": {"mount": "/etc/cart", "files": {"cart.conf": "a=b"}},
    "key": {"mount": "/etc/key", "secret_files": {"key.pem": "certificate"}},
}


def test_every_kind_of_volume_is_mounted_where_it_is_wanted() -> None:
    pod = pod_of(volumes=VOLUMES)

    assert pod["volumes"] == [
        {
            "name": "conf",
            "configMap": {
                "name": "cart",
                "items": [{"key": "conf.cart.conf", "path": "cart.conf"}],
            },
        },
        {"name": "data", "persistentVolumeClaim": {"claimName": "cart-data"}},
        {
            "name": "key",
            "secret": {"secretName": "cart", "items": [{"key": "certificate", "path": "key.pem"}]},
        },
        {"name": "temp", "emptyDir": {}},
    ]
    assert pod["containers"][0]["volumeMounts"] == [
        {"name": "conf", "mountPath": "/etc/cart", "readOnly": True},
        {"name": "data", "mountPath": "/data"},
        {"name": "key", "mountPath": "/etc/key", "readOnly": True},
        {"name": "temp", "mountPath": "/tmp"},
    ]


def test_what_pods_need_is_made_before_them_and_no_secret_that_they_do_not_use() -> None:
    workload = a_workload(volumes=VOLUMES, secret_env={"PASSWORD": "password"})
    claim, config_map, secret = make_kept("shop", "cart", workload, SECRETS)

    assert claim["spec"]["resources"]["requests"]["storage"] == "8Gi"
    assert claim["spec"]["storageClassName"] == "fast"
    assert config_map["data"] == {"conf.cart.conf": "a=b"}
    assert secret["stringData"] == {"password": "Swordfish-4711", "certificate": "PEM"}
    assert {made["metadata"]["namespace"] for made in (claim, config_map, secret)} == {"shop"}


def test_a_workload_without_volumes_and_secrets_needs_nothing() -> None:
    assert make_kept("shop", "cart", a_workload(), SECRETS) == []


def test_a_pod_waits_for_what_it_cannot_start_without() -> None:
    (wait,) = pod_of(wait_for=["rabbitmq:5672"])["initContainers"]

    assert wait["command"][:2] == ["sh", "-c"]
    assert "nc -z -w 2 rabbitmq 5672" in wait["command"][2]
    assert wait["securityContext"]["runAsUser"] == 65534
    assert "initContainers" not in pod_of()


def test_what_may_run_only_once_ends_before_it_starts_again() -> None:
    deployment, *_ = make_workload("shop", "cart", "cart", a_workload(strategy="recreate"))

    assert deployment["spec"]["strategy"] == {"type": "Recreate"}


def test_root_is_asked_for_by_name_and_keeps_only_the_right_that_is_named() -> None:
    security = {"run_as_root": True, "capabilities": ["NET_BIND_SERVICE"]}
    pod = pod_of(security=security)

    assert "runAsNonRoot" not in pod["securityContext"]
    assert "runAsUser" not in pod["containers"][0]["securityContext"]
    assert pod["containers"][0]["securityContext"]["capabilities"] == {
        "drop": ["ALL"],
        "add": ["NET_BIND_SERVICE"],
    }


def test_a_group_owns_the_files_of_volumes() -> None:
    assert pod_of(security={"fs_group": 10001})["securityContext"]["fsGroup"] == 10001


def test_links_token_and_pull_policy_are_said_only_where_they_are_chosen() -> None:
    """A Deployment that says nothing new is not rolled."""
    plain, chosen = pod_of(), pod_of(service_links=False, api_token=False, pull_policy="Always")

    assert not {"enableServiceLinks", "automountServiceAccountToken"} & set(plain)
    assert "imagePullPolicy" not in plain["containers"][0]
    assert chosen["enableServiceLinks"] is False
    assert chosen["automountServiceAccountToken"] is False
    assert chosen["containers"][0]["imagePullPolicy"] == "Always"
