"""A kiosk without a mesh, its three pods asked by users all the time: where releases by pod counts may break.

Here and not beside the other tests, because nothing else may have a load balancer on the cluster then.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from demo.load import BackgroundLoad, LoadResult
from local_cluster.api import Cluster
from mesh_canary.routing.names import SERVES
from tests.builders import release_config
from tests.cluster.configs import CLUSTER, PORT, team_image, team_version
from tests.cluster.kube import Kube
from tests.cluster.stack import Config, Stack
from tests.cluster.test_killed_runs import kill_when

DEPLOYMENTS = "/apis/apps/v1/namespaces/kiosk/deployments"


def kiosk(stage: str | None = None, weight: int | None = None, **changes: Any) -> Config:
    """The kiosk's stack file, with a release from v1 to v2 at a stage or without one."""
    workload = {
        "image": team_image("kiosk", changes.pop("app_version", "v1")),
        "version": changes.pop("named", "v1"),
        "port": PORT,
        "replicas": 3,
        "env": {"PORT": str(PORT)},
        "probes": {"readiness": "/health", "period_seconds": 1},
        "ready_seconds": 20,
    }
    usual = {
        "stable": team_version("kiosk", "v1"),
        "canary": team_version("kiosk", "v2"),
        "steps": [25, 50],
        "max_pods": 4,
    }
    release = release_config(
        namespace="kiosk",
        service="kiosk",
        stage=stage,
        canary_weight=weight,
        **{**usual, **changes},
    )
    app = {
        "namespace": "kiosk",
        "workloads": {"kiosk": workload},
        "expose": {"workload": "kiosk"},
    }
    return {
        "cluster": CLUSTER,
        "mesh": {"kind": "none"},
        "apps": {"kiosk": app},
        "releases": {"kiosk": release} if stage else {},
    }


@pytest.fixture(scope="module")
def stack(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The kiosk's stack, without a release."""
    stack = Stack("test-kiosk", cluster, tmp_path_factory.mktemp("kiosk"))
    stack.up(kiosk())
    yield stack
    stack.destroy()


@pytest.fixture
def alone(stack: Stack) -> Stack:
    """The same with v1 alone, whatever a test before left."""
    if "kiosk" in stack.outputs().get("releases", {}):
        stack.up(kiosk("rolled_back"))
        stack.up(kiosk())
    return stack


def load_on(stack: Stack, folder: Path) -> BackgroundLoad:
    """Users: each request has a connection of its own."""
    cluster = stack.cluster
    fortio = cluster.tools.bin_dir / "fortio"
    return BackgroundLoad(fortio, cluster.gateway_url, folder, {}, kept_connections=False)


def assert_clean(result: LoadResult | None) -> None:
    """Users were there, and none of them noticed anything."""
    assert result is not None
    assert result.clean, result


def pods_of(kube: Kube) -> dict[str, tuple[int, str]]:
    """How many pods every version asks for, and whether they serve."""
    return {
        name.removeprefix("kiosk-"): (
            found["spec"]["replicas"],
            found["spec"]["template"]["metadata"]["labels"][SERVES],
        )
        for name, found in kube.deployments("kiosk", "kiosk").items()
    }


def scale(kube: Kube, version: str, replicas: int) -> None:
    """As `kubectl scale` does it."""
    kube.edit(f"{DEPLOYMENTS}/kiosk-{version}", {"spec": {"replicas": replicas}})


def asks_for(kube: Kube, version: str, replicas: int) -> Callable[[], bool]:
    """Whether a version asks for so many pods that serve."""
    return lambda: pods_of(kube).get(version) == (replicas, "true")


def test_an_app_and_its_releases_hand_each_other_pods_without_a_restart(
    alone: Stack, kube: Kube, tmp_path: Path
) -> None:
    before = kube.pods("kiosk", "kiosk").keys()

    with load_on(alone, tmp_path) as load:
        alone.up(kiosk("dark"))
        during = kube.pods("kiosk", "kiosk").keys()
        alone.up(kiosk("rolled_back"))
        alone.up(kiosk())

    assert_clean(load.result)
    assert before <= during
    assert before == kube.pods("kiosk", "kiosk").keys()
    assert alone.has_nothing_to_do(kiosk())


def test_a_tenth_is_nine_pods_and_one_and_a_rollback_keeps_the_nine(
    alone: Stack, kube: Kube, tmp_path: Path
) -> None:
    """Pulumi removes the canary last: with three pods beside it, it would have a quarter until then."""
    few: dict[str, Any] = {"steps": [10], "max_pods": 10}
    with load_on(alone, tmp_path) as load:
        alone.up(kiosk("dark", **few))
        alone.up(kiosk("weighted", 10, **few))
        tenth = pods_of(kube)
        alone.up(kiosk("rolled_back", **few))
        back = pods_of(kube)
        settled = alone.has_nothing_to_do(kiosk("rolled_back", **few))
        alone.up(kiosk())

    assert_clean(load.result)
    assert tenth == {"v1": (9, "true"), "v2": (1, "true")}
    assert back == {"v1": (9, "true")}
    assert settled
    assert pods_of(kube) == {"v1": (3, "true")}


def test_pods_that_a_hand_scaled_are_told_and_not_built_on(alone: Stack, kube: Kube) -> None:
    alone.up(kiosk("dark"))
    scale(kube, "v1", 5)

    refused = alone.preview(kiosk("weighted", 25))

    assert refused.refused, refused.output
    assert "pods were changed by somebody else: v1 has 5 pods (we wrote: 3)" in refused


def test_a_refresh_puts_pods_back_that_a_hand_scaled(alone: Stack, kube: Kube) -> None:
    alone.up(kiosk("dark"))
    scale(kube, "v1", 5)

    alone.up(kiosk("dark"), "--refresh")

    assert pods_of(kube)["v1"] == (3, "true")
    assert alone.has_nothing_to_do(kiosk("dark"))


def test_a_rollback_puts_pods_back_that_a_hand_scaled(
    alone: Stack, kube: Kube, tmp_path: Path
) -> None:
    with load_on(alone, tmp_path) as load:
        alone.up(kiosk("dark"))
        scale(kube, "v1", 1)
        alone.up(kiosk("rolled_back"))

    assert_clean(load.result)
    assert pods_of(kube) == {"v1": (3, "true")}


def test_a_canary_that_does_not_start_never_serves(
    alone: Stack, kube: Kube, tmp_path: Path
) -> None:
    broken: dict[str, Any] = {
        "canary": team_version("kiosk", "v2", env={"UNHEALTHY": "1"}, ready_seconds=5)
    }
    with load_on(alone, tmp_path) as load:
        failed = alone.try_up(kiosk("dark", **broken))
        step_up = alone.preview(kiosk("weighted", 25, **broken))
        alone.up(kiosk("rolled_back", **broken))

    assert failed.code != 0
    assert step_up.refused, step_up.output
    assert_clean(load.result)
    assert pods_of(kube) == {"v1": (3, "true")}


@pytest.mark.parametrize("then", ["finished", "rolled back"])
def test_a_step_that_was_killed_between_its_writes_harms_nobody(
    then: str, alone: Stack, kube: Kube, tmp_path: Path
) -> None:
    """v2 has its two pods, v1 still its three: nobody lost one yet."""
    with load_on(alone, tmp_path) as load:
        alone.up(kiosk("dark"))
        alone.up(kiosk("weighted", 25))
        half = kiosk("weighted", 50)
        kill_when(alone, half, "a second pod of v2", asks_for(kube, "v2", 2))
        between = pods_of(kube)
        told = alone.preview(half)
        alone.up(half if then == "finished" else kiosk("rolled_back"))

    assert_clean(load.result)
    assert between == {"v1": (3, "true"), "v2": (2, "true")}
    assert "a run was interrupted, pods behind the Service: v1 3, v2 2" in told
    ends = {"finished": {"v1": (2, "true"), "v2": (2, "true")}, "rolled back": {"v1": (3, "true")}}
    assert pods_of(kube) == ends[then]


def test_the_next_release_begins_where_the_last_one_was_promoted(
    alone: Stack, kube: Kube, tmp_path: Path
) -> None:
    pair: dict[str, Any] = {
        "stable": team_version("kiosk", "v2"),
        "canary": team_version("kiosk", "v3"),
    }
    with load_on(alone, tmp_path) as load:
        for config in (
            kiosk("dark"),
            kiosk("weighted", 25),
            kiosk("weighted", 50),
            kiosk("promoted"),
        ):
            alone.up(config)
        promoted = pods_of(kube)
        alone.up(kiosk("dark", **pair))
        following = pods_of(kube)
        alone.up(kiosk("rolled_back", **pair))
        carrying = kube.pods("kiosk", "kiosk").keys()
        of_v2 = kiosk(app_version="v2", named="v2")
        alone.up(of_v2)

    assert_clean(load.result)
    assert promoted == {"v1": (0, "true"), "v2": (3, "true")}
    assert following == {"v2": (3, "true"), "v3": (1, "false")}
    assert carrying == kube.pods("kiosk", "kiosk").keys()
    assert alone.has_nothing_to_do(of_v2)
