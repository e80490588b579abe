"""Stack files as operators type them: one for the environment, one per team. Keywords change one thing at a time."""

from typing import Any

from tests.builders import release_config
from tests.cluster.stack import Config

CLUSTER = {"context": "local", "kubeconfig": ".local-cluster/kubeconfig"}
MESH_ELSEWHERE = {"kind": "istio", "install": False}
GATEWAY = "istio-ingressgateway"
TESTERS = {"end-user": "jason"}
TEAM_IMAGES = "registry.example.com/team"
PORT = 8080


def environment(**releases: Any) -> Config:
    """Mesh, gateway, Bookinfo with its client pod, and a shop whose cart another stack releases."""
    return {
        "cluster": CLUSTER,
        "mesh": {
            "kind": "istio",
            "install": True,
            "charts": ".local-cluster/charts",
            "tag": "1.31.1",
        },
        "gateway": {"name": GATEWAY},
        "apps": {
            "bookinfo": {
                "namespace": "bookinfo",
                "client": True,
                "expose": {"workload": "productpage", "host": "*"},
            },
            "shop": team_app("shop", "cart", released_elsewhere=["cart"]),
        },
        "releases": releases,
    }


def reviews(stage: str, weight: int | None = None, **changes: Any) -> dict[str, Any]:
    """The release of reviews from v1 to v2, with testers."""
    return release_config(
        stage=stage, canary_weight=weight, mirror_percent=100, **{"testers": TESTERS, **changes}
    )


def team(app: str, workload: str, *, install: bool, **releases: Any) -> Config:
    """One team's stack: its app, set up here or elsewhere, and its releases on a mesh that others set up."""
    return {
        "cluster": CLUSTER,
        "mesh": MESH_ELSEWHERE,
        "gateway": {"name": GATEWAY, "install": False},
        "apps": {app: team_app(app, workload, install=install)},
        "releases": releases,
    }


def team_app(namespace: str, workload: str, **changes: Any) -> dict[str, Any]:
    """An app of one workload, reached from outside by a host of its own."""
    return {
        "namespace": namespace,
        "workloads": {
            workload: {
                "image": team_image(workload, "v1"),
                "port": PORT,
                "env": {"PORT": str(PORT)},
                "probes": {"readiness": "/health", "period_seconds": 1},
                "ready_seconds": 20,
                "grace_seconds": 2,
            }
        },
        "expose": {"workload": workload, "host": host_of(workload)},
        **changes,
    }


def team_release(
    namespace: str, workload: str, stage: str, weight: int | None = None, **changes: Any
) -> dict[str, Any]:
    """The release of a team's workload from v1 to v2, with testers."""
    usual = {
        "stable": team_version(workload, "v1"),
        "canary": team_version(workload, "v2"),
        "testers": TESTERS,
    }
    return release_config(
        namespace=namespace,
        service=workload,
        stage=stage,
        canary_weight=weight,
        **{**usual, **changes},
    )


def team_version(workload: str, version: str, **changes: Any) -> dict[str, Any]:
    """One version of a team's workload."""
    return {"version": version, "image": team_image(workload, version), **changes}


def team_image(workload: str, version: str) -> str:
    """The image that a team pushed; the stand-in takes the version from its tag."""
    return f"{TEAM_IMAGES}/{workload}:{version}"


def host_of(workload: str) -> str:
    """The host that users type."""
    return f"{workload}.example.com"
