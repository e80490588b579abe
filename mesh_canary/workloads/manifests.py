"""One service of an app: service account, and per version a Deployment with what belongs to it.

A Deployment's selector is made of `app` and `version` and never changes: Kubernetes would have to
replace it. The Service selects `app` alone and lets the mesh tell versions apart, or, where the
operator wants it narrow, the one version that carries the requests.
"""

from mesh_canary.routing import names
from mesh_canary.routing.route import Manifest
from mesh_canary.settings import WorkloadSettings
from mesh_canary.workloads.objects import make_object
from mesh_canary.workloads.pods import make_template

STRATEGIES: dict[str, Manifest] = {
    # One more pod first, then one less: an update never leaves fewer ready pods than before.
    "rolling": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
    "recreate": {"type": "Recreate"},
}


def make_namespace(name: str, *, sidecars: bool) -> Manifest:
    """The namespace of an app; `sidecars` asks Istio to inject its proxy into every pod."""
    labels = {**names.MANAGED_BY, **({"istio-injection": "enabled"} if sidecars else {})}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def make_service_account(namespace: str, name: str) -> Manifest:
    """The identity that the mesh knows a workload by."""
    return make_object("v1", "ServiceAccount", namespace, name)


def make_workload(
    namespace: str, service: str, account: str, workload: WorkloadSettings
) -> tuple[Manifest, ...]:
    """The Deployment of one version, with a disruption budget where it has several pods, and an autoscaler if any."""
    name = names.deployment_name(service, workload.version)
    manifests = [_make_deployment(namespace, service, account, workload)]
    scale = workload.autoscale
    if (scale.min_replicas if scale else workload.replicas) > 1:
        selector = {"matchLabels": names.pod_labels(service, workload.version)}
        spec: Manifest = {"maxUnavailable": 1, "selector": selector}
        manifests.append(
            make_object("policy/v1", "PodDisruptionBudget", namespace, name, spec=spec)
        )
    if scale:
        target = {"type": "Utilization", "averageUtilization": scale.cpu_percent}
        spec = {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name},
            "minReplicas": scale.min_replicas,
            "maxReplicas": scale.max_replicas,
            "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": target}}],
        }
        kind = ("autoscaling/v2", "HorizontalPodAutoscaler")
        manifests.append(make_object(*kind, namespace, name, spec=spec))
    return tuple(manifests)


def _make_deployment(
    namespace: str, service: str, account: str, workload: WorkloadSettings
) -> Manifest:
    labels = names.pod_labels(service, workload.version)
    spec: Manifest = {
        "selector": {"matchLabels": labels},
        "strategy": dict(STRATEGIES[workload.strategy]),
        "template": make_template(service, account, workload),
    }
    if workload.autoscale is None:
        spec["replicas"] = workload.replicas
    name = names.deployment_name(service, workload.version)
    deployment = make_object("apps/v1", "Deployment", namespace, name, spec=spec)
    deployment["metadata"]["labels"] |= labels
    return deployment
