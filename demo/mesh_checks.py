"""What walks ask of a mesh that is being switched on: its own pods, and who has a sidecar."""

from typing import Any

from demo.kube import Kube
from demo.scene import Check, Finding, Scene

_PROXY = "istio-proxy"
_TWICE = 2


def _precheck(scene: Scene) -> Finding:
    said = scene.run("sh", "-c", "istioctl x precheck 2>&1").strip()
    wrong = tuple(line for line in said.splitlines() if line.startswith("Error"))
    return Finding(said or "says nothing", wrong)


PRECHECK = Check("istioctl x precheck", _precheck)


def runs_twice(*where: str) -> Check:
    """Two ready pods and a disruption budget for each Deployment, given as namespace/name."""

    def look(scene: Scene) -> Finding:
        said, wrong = [], []
        for place in where:
            namespace, _, name = place.partition("/")
            path = f"/apis/apps/v1/namespaces/{namespace}/deployments/{name}"
            ready = ((scene.kube.get(path) or {}).get("status") or {}).get("readyReplicas", 0)
            budgets = f"/apis/policy/v1/namespaces/{namespace}/poddisruptionbudgets"
            kept = [
                item["metadata"]["name"]
                for item in scene.kube.items(budgets)
                if item["status"].get("disruptionsAllowed") == 1
            ]
            said.append(f"{name} {ready} ready")
            if ready != _TWICE or name not in kept:
                wrong.append(f"{place}: {ready} ready pods, budgets {kept}")
        return Finding(f"{', '.join(said)}; each with a PodDisruptionBudget", tuple(wrong))

    return Check("mesh", look)


def sidecars(namespace: str, *, have: tuple[str, ...]) -> Check:
    """Whether the pods of exactly these workloads have a sidecar, and every pod is ready: 2/2 or 1/1."""

    def look(scene: Scene) -> Finding:
        shown = {
            pod["metadata"]["labels"]["app"]: _ready(pod) for pod in _pods(scene.kube, namespace)
        }
        right = {app: "2/2" if app in have else "1/1" for app in shown}
        said = ", ".join(f"{app} {ready}" for app, ready in sorted(shown.items()))
        wrong = tuple(f"{app} is to be {right[app]}" for app in shown if shown[app] != right[app])
        return Finding(said, wrong)

    return Check("pods", look)


def remembers_pods(namespace: str) -> Check:
    """Keeps which pods run, for `restarted`."""

    def look(scene: Scene) -> Finding:
        scene.notes["pods"] = names = _names(scene.kube, namespace)
        return Finding(f"{sum(map(len, names.values()))} before the edit")

    return Check("pods", look)


def restarted(namespace: str, *apps: str) -> Check:
    """Whether the pods of exactly these workloads are other ones than those remembered."""

    def look(scene: Scene) -> Finding:
        before, now = scene.notes["pods"], _names(scene.kube, namespace)
        found = sorted(app for app in now if now[app] != before.get(app))
        wrong = () if found == sorted(apps) else (f"{', '.join(apps) or 'none'} are to be",)
        return Finding(f"started anew: {', '.join(found) or 'none'}", wrong)

    return Check("pods", look)


def _names(kube: Kube, namespace: str) -> dict[str, set[str]]:
    """Names of pods by their workload."""
    names: dict[str, set[str]] = {}
    for pod in _pods(kube, namespace):
        names.setdefault(pod["metadata"]["labels"]["app"], set()).add(pod["metadata"]["name"])
    return names


def _pods(kube: Kube, namespace: str) -> list[dict[str, Any]]:
    return list(kube.pods(namespace).values())


def _ready(pod: dict[str, Any]) -> str:
    """Ready containers of all, as kubectl shows them: a sidecar is one more, or an init container that goes on."""
    status = pod["status"]
    sidecar = [c for c in status.get("initContainerStatuses", ()) if c["name"] == _PROXY]
    running = [*sidecar, *status.get("containerStatuses", ())]
    return f"{sum(one['ready'] for one in running)}/{len(running)}"
