from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesh_canary.routing import Manifest
from mesh_canary.settings import WorkloadSettings
from mesh_canary.workloads import make_namespace, make_service, make_workload


def a_workload(**changes: Any) -> WorkloadSettings:
    """One pod of cart, as its stack file describes it."""
    return WorkloadSettings.model_validate(
        {"image": "docker.io/team/cart:1.4.2", "port": 8080, **changes}
    )


def made(**changes: Any) -> dict[str, Manifest]:
    """The objects of one version of cart by kind."""
    manifests = make_workload("shop", "cart", "cart", a_workload(**changes))
    assert manifests[0]["kind"] == "Deployment"
    return {manifest["kind"]: manifest for manifest in manifests}


def pod_of(**changes: Any) -> Manifest:
    """The pod template of cart."""
    template: Manifest = made(**changes)["Deployment"]["spec"]["template"]
    return template


def container_of(**changes: Any) -> Manifest:
    """The one container of cart."""
    (container,) = pod_of(**changes)["spec"]["containers"]
    assert isinstance(container, dict)
    return container


def test_a_probe_asks_the_path_that_is_set_on_the_workloads_own_port() -> None:
    container = container_of(
        probes={"readiness": "/ready", "period_seconds": 7, "failure_threshold": 2}
    )

    assert container["readinessProbe"] == {
        "httpGet": {"path": "/ready", "port": 8080},
        "periodSeconds": 7,
        "failureThreshold": 2,
    }


def test_a_probe_that_is_not_set_is_not_asked() -> None:
    assert not {"readinessProbe", "livenessProbe", "startupProbe"} & set(container_of())
    assert {"livenessProbe", "startupProbe"} <= set(
        container_of(probes={"liveness": "/live", "startup": "/started"})
    )


def test_a_pod_asks_for_little_and_cannot_take_all_memory() -> None:
    assert container_of()["resources"] == {
        "requests": {"cpu": "50m", "memory": "64Mi"},
        "limits": {"memory": "256Mi"},
    }


def test_limits_are_those_that_are_set() -> None:
    resources = {"cpu_limit": "1", "memory_limit": None}

    assert container_of(resources=resources)["resources"]["limits"] == {"cpu": "1"}
    assert "limits" not in container_of(resources={"memory_limit": None})["resources"]


def test_a_pod_may_do_what_the_restricted_standard_allows() -> None:
    security = container_of()["securityContext"]

    assert security["allowPrivilegeEscalation"] is False
    assert security["capabilities"] == {"drop": ["ALL"]}
    assert security["runAsUser"] == 1000
    assert pod_of()["spec"]["securityContext"] == {
        "runAsNonRoot": True,
        "seccompProfile": {"type": "RuntimeDefault"},
    }


def test_user_and_root_file_system_are_as_set() -> None:
    security = container_of(security={"run_as_user": 4711, "read_only_root": True})[
        "securityContext"
    ]

    assert (security["runAsUser"], security["readOnlyRootFilesystem"]) == (4711, True)


@pytest.mark.parametrize(("replicas", "budgeted"), [(1, False), (2, True), (5, True)])
def test_a_budget_guards_several_pods_and_never_a_single_one(replicas: int, budgeted: bool) -> None:
    """A budget of one pod would keep its node from ever being emptied."""
    objects = made(replicas=replicas)

    assert ("PodDisruptionBudget" in objects) == budgeted
    if budgeted:
        spec = objects["PodDisruptionBudget"]["spec"]
        assert spec["maxUnavailable"] == 1
        assert spec["selector"] == objects["Deployment"]["spec"]["selector"]


def test_an_autoscaler_decides_the_number_of_pods_alone() -> None:
    objects = made(replicas=4, autoscale={"min_replicas": 2, "max_replicas": 6, "cpu_percent": 70})
    scaler = objects["HorizontalPodAutoscaler"]["spec"]

    assert "replicas" not in objects["Deployment"]["spec"]
    assert (scaler["minReplicas"], scaler["maxReplicas"]) == (2, 6)
    assert scaler["scaleTargetRef"]["name"] == objects["Deployment"]["metadata"]["name"]
    assert scaler["metrics"][0]["resource"]["target"]["averageUtilization"] == 70
    assert "PodDisruptionBudget" in objects


def test_an_autoscaler_that_may_go_down_to_one_pod_has_no_budget() -> None:
    objects = made(replicas=4, autoscale={"min_replicas": 1, "max_replicas": 6})

    assert "PodDisruptionBudget" not in objects


def test_an_update_never_leaves_fewer_ready_pods_than_before() -> None:
    strategy = made()["Deployment"]["spec"]["strategy"]["rollingUpdate"]

    assert strategy == {"maxSurge": 1, "maxUnavailable": 0}


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "image": st.sampled_from(["a:1", "docker.io/team/cart:2"]),
            "replicas": st.integers(min_value=1, max_value=5),
            "env": st.dictionaries(st.sampled_from("AB"), st.text(max_size=3)),
            "labels": st.dictionaries(st.sampled_from(["app", "version", "team"]), st.just("x")),
            "annotations": st.dictionaries(st.just("a"), st.text(max_size=3)),
            "grace_seconds": st.integers(min_value=0, max_value=60),
        },
    )
)
def test_a_selector_is_app_and_version_whatever_else_is_set(changes: dict[str, Any]) -> None:
    """Another selector would make Kubernetes replace the Deployment; labels of yours cannot hide ours."""
    deployment = made(**changes)["Deployment"]
    selector = deployment["spec"]["selector"]["matchLabels"]

    assert selector == {"app": "cart", "version": "v1"}
    assert selector.items() <= deployment["spec"]["template"]["metadata"]["labels"].items()


def test_a_service_selects_every_version() -> None:
    service = make_service("shop", "cart", a_workload().listens)

    assert service["spec"]["selector"] == {"app": "cart"}
    assert service["spec"]["ports"] == [{"name": "http", "port": 8080, "targetPort": 8080}]


@pytest.mark.parametrize("version", ["v1", "v2", "1.0"])
def test_a_version_is_one_deployment_of_its_own(version: str) -> None:
    deployment = made(version=version)["Deployment"]

    assert deployment["metadata"]["name"] == f"cart-{version.replace('.', '-')}"
    assert deployment["spec"]["template"]["metadata"]["labels"]["version"] == version


def test_environment_variables_are_sorted() -> None:
    assert container_of(env={"B": "2", "A": "1"})["env"] == [
        {"name": "A", "value": "1"},
        {"name": "B", "value": "2"},
    ]
    assert "env" not in container_of()


def test_labels_annotations_and_grace_period_reach_the_pod() -> None:
    pod = pod_of(labels={"team": "till"}, annotations={"a": "b"}, grace_seconds=5)

    assert pod["metadata"]["labels"]["team"] == "till"
    assert pod["metadata"]["annotations"] == {"a": "b"}
    assert pod["spec"]["terminationGracePeriodSeconds"] == 5
    assert pod["spec"]["serviceAccountName"] == "cart"


@pytest.mark.parametrize("sidecars", [True, False])
def test_a_namespace_asks_for_sidecars_where_they_are_wanted(sidecars: bool) -> None:
    labels = make_namespace("shop", sidecars=sidecars)["metadata"]["labels"]

    assert ("istio-injection" in labels) == sidecars
