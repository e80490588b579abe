import pytest

from mesh_canary.release import plan_release
from mesh_canary.settings import AppSettings, VersionSettings
from mesh_canary.workloads import bookinfo_workloads, make_client
from stacks.translation import version_args
from tests.builders import at

BOOKINFO = AppSettings(kind="bookinfo", namespace="bookinfo")
STAGES: tuple[int | str, ...] = ("dark", "mirror", 10, 50, "promoted", "rolled_back")


def test_bookinfo_is_four_services_on_one_port() -> None:
    workloads = bookinfo_workloads(BOOKINFO)

    assert set(workloads) == {"productpage", "details", "ratings", "reviews"}
    assert {workload.port for workload in workloads.values()} == {9080}
    assert all(workload.probes.readiness for workload in workloads.values())


def test_images_come_from_the_repository_and_tag_of_the_stack_file() -> None:
    app = BOOKINFO.model_copy(update={"image_repository": "registry.local/bi", "image_tag": "2.0"})

    assert (
        bookinfo_workloads(app)["ratings"].image
        == "registry.local/bi/examples-bookinfo-ratings-v1:2.0"
    )


def test_reviews_runs_as_the_user_that_its_image_has() -> None:
    users = {name: w.security.run_as_user for name, w in bookinfo_workloads(BOOKINFO).items()}

    assert users == {"productpage": 1000, "details": 1000, "ratings": 1000, "reviews": 1001}


def test_the_client_is_an_account_a_service_and_a_pod_that_waits() -> None:
    account, service, deployment = make_client("bookinfo")

    assert [account["kind"], service["kind"], deployment["kind"]] == [
        "ServiceAccount",
        "Service",
        "Deployment",
    ]
    assert (
        service["spec"]["selector"].items()
        <= deployment["spec"]["template"]["metadata"]["labels"].items()
    )
    assert (
        deployment["spec"]["template"]["spec"]["serviceAccountName"] == account["metadata"]["name"]
    )


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_a_version_has_the_same_manifests_at_every_stage(version: str) -> None:
    """No stage replaces or restarts a running workload."""
    made = []
    for stage in STAGES:
        plans = [w for w in plan_release(at(stage)).workloads if w.version == version]
        made += [version_args(BOOKINFO, "reviews", plan)["manifests"] for plan in plans]

    assert len(made) >= 5
    assert all(manifests == made[0] for manifests in made)


def test_a_version_under_release_is_as_its_workload_but_for_what_it_says_itself() -> None:
    image, env = "docker.io/team/reviews:2", {"FAIL_PERCENT": "5"}
    version = VersionSettings(version="v2", image=image, replicas=3, env=env)
    deployment, budget = version_args(BOOKINFO, "reviews", version)["manifests"]
    (container,) = deployment["spec"]["template"]["spec"]["containers"]

    assert deployment["spec"]["replicas"] == 3
    assert container["image"] == "docker.io/team/reviews:2"
    assert container["env"] == [{"name": "FAIL_PERCENT", "value": "5"}]
    assert container["readinessProbe"]["httpGet"]["path"] == "/health"
    assert container["securityContext"]["runAsUser"] == 1001
    assert budget["kind"] == "PodDisruptionBudget"


def test_a_version_that_names_no_number_of_pods_has_as_many_as_its_workload() -> None:
    version = VersionSettings(version="v2", image="a:1")
    (deployment,) = version_args(BOOKINFO, "reviews", version)["manifests"]

    assert deployment["spec"]["replicas"] == 1


def test_bookinfo_may_run_another_version_without_a_release() -> None:
    """Where a release was promoted and taken out again."""
    versions = {"reviews": VersionSettings(version="v3", image="docker.io/team/reviews:3")}
    workloads = bookinfo_workloads(BOOKINFO.model_copy(update={"versions": versions}))

    assert (workloads["reviews"].version, workloads["reviews"].image) == (
        "v3",
        "docker.io/team/reviews:3",
    )
    assert workloads["ratings"].version == "v1"
