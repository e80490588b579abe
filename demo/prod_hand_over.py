"""Bookinfo in namespace `prod`, from somebody's kubectl to the program: what is done by hand, and what is seen."""

from typing import Any

from demo import by_hand
from demo.bookinfo import PAGE
from demo.scene import Check, Finding, Scene
from demo.setting_up import wait_for_answer

NAMESPACE = "prod"
TAGS = {"project": "bookinfo", "env": "prod"}


def _apply_by_hand(scene: Scene) -> Finding:
    """Somebody applies Bookinfo; it answers before the program knows of it."""
    gateway = "istio-ingress/istio-ingressgateway"
    by_hand.apply(scene.cluster, by_hand.make_bookinfo(NAMESPACE, gateway))
    wait_for_answer(scene.cluster.gateway_url, PAGE)
    pods = scene.kube.pods(NAMESPACE)
    scene.notes["uids"] = _uids(scene)
    return Finding(
        f"{len(pods)} pods, each with a sidecar: {all(map(_has_sidecar, pods.values()))}"
    )


def _orphan(scene: Scene) -> Finding:
    """The way out that the refusal named: the Deployment goes, its pods stay and serve."""
    name = f"{by_hand.ODD}-v1"
    arguments = ("-n", NAMESPACE, "delete", "deployment", name, "--cascade=orphan")
    by_hand.kubectl(scene.cluster, *arguments)
    del scene.notes["uids"][name]
    return Finding(f"kubectl {' '.join(arguments)}")


def _taken_over(scene: Scene) -> Finding:
    """The Deployments are the same objects and ours, tagged, and no pod of before is left."""
    found = {d["metadata"]["name"]: d for d in _deployments(scene)}
    replaced = [n for n, uid in scene.notes["uids"].items() if found[n]["metadata"]["uid"] != uid]
    foreign = [
        n for n, d in found.items() if "app.kubernetes.io/managed-by" not in d["metadata"]["labels"]
    ]
    wrong = [f"{name} was replaced" for name in replaced]
    wrong += [f"{name} is not ours" for name in foreign]
    return Finding(f"{', '.join(sorted(found))}: the same objects, ours now", tuple(wrong))


def _remove_their_route(scene: Scene) -> Finding:
    """Two routes said the same; ours is left."""
    by_hand.kubectl(scene.cluster, "-n", NAMESPACE, "delete", "virtualservice", "bookinfo")
    return Finding("the gateway's route that was applied by hand is deleted")


def _tagged(scene: Scene) -> Finding:
    """Every pod has the tags as labels and as annotations, and its version among these."""
    pods = scene.kube.pods(NAMESPACE)
    wrong = [name for name, pod in pods.items() if not _has_tags(pod["metadata"])]
    shown = ", ".join(f"{key}={value}" for key, value in TAGS.items())
    return Finding(
        f"{len(pods) - len(wrong)} of {len(pods)} pods: {shown}",
        tuple(f"{name} lacks tags" for name in wrong),
    )


def _has_tags(metadata: dict[str, Any]) -> bool:
    labels, annotations = metadata["labels"], metadata["annotations"]
    versioned = bool(annotations.get("version") == labels.get("version"))
    return TAGS.items() <= labels.items() and TAGS.items() <= annotations.items() and versioned


def _deployments(scene: Scene) -> list[dict[str, Any]]:
    return scene.kube.items(f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments")


def _uids(scene: Scene) -> dict[str, str]:
    return {d["metadata"]["name"]: d["metadata"]["uid"] for d in _deployments(scene)}


def _has_sidecar(pod: dict[str, Any]) -> bool:
    spec = pod["spec"]
    return any(
        c["name"] == "istio-proxy" for c in [*spec["containers"], *spec.get("initContainers", [])]
    )


APPLIED_BY_HAND = Check("kubectl", _apply_by_hand)
ORPHANED = Check("kubectl", _orphan)
TAKEN_OVER = Check("Deployments", _taken_over)
THEIR_ROUTE_REMOVED = Check("kubectl", _remove_their_route)
TAGGED = Check("tags", _tagged)
