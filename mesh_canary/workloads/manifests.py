"""One service of an app: Service, service account, and per version a Deployment with what belongs to it.

A Deployment's selector is made of `app` and `version` and never changes: Kubernetes would have to
replace it. The Service selects `app` alone and lets the mesh tell versions apart.
"""

from mesh_canary.routing import names
from mesh_canary.routing.route import Manifest
from mesh_canary.settings import WorkloadSettings
from mesh_canary.settings.apps import ProbeSettings, ResourceSettings


def make_namespace(name: str, *, sidecars: bool) -> Manifest:
    """The namespace of an app; `sidecars` asks Istio to inject its proxy into every pod."""
    labels = {**names.MANAGED_BY, **({"istio-injection": "enabled"} if sidecars else {})}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def make_service_account(namespace: str, name: str) -> Manifest:
    """The identity that the mesh knows a workload by."""
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": _metadata(namespace, name)}


def make_service(namespace: str, name: str, port: int) -> Manifest:
    """The Service of all versions. Its port is called http, which is how Istio learns the protocol."""
    spec = {
        "selector": {"app": name},
        "ports": [{"name": "http", "port": port, "targetPort": port}],
    }
    metadata = {
        **_metadata(namespace, name),
        # Readiness is awaited at the Deployments; Pulumi's own wait for a Service settles for 10 s and more.
        "annotations": {**names.TAKE_OVER, "pulumi.com/skipAwait": "true"},
    }
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}


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
        manifests.append(_object("policy/v1", "PodDisruptionBudget", namespace, name, spec))
    if scale:
        target = {"type": "Utilization", "averageUtilization": scale.cpu_percent}
        spec = {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name},
            "minReplicas": scale.min_replicas,
            "maxReplicas": scale.max_replicas,
            "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": target}}],
        }
        manifests.append(
            _object("autoscaling/v2", "HorizontalPodAutoscaler", namespace, name, spec)
        )
    return tuple(manifests)


def _make_deployment(
    namespace: str, service: str, account: str, workload: WorkloadSettings
) -> Manifest:
    labels = names.pod_labels(service, workload.version)
    template: Manifest = {
        "metadata": {"labels": {**workload.labels, **labels}},
        "spec": {
            "serviceAccountName": account,
            "terminationGracePeriodSeconds": workload.grace_seconds,
            "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [_make_container(service, workload)],
        },
    }
    if workload.annotations:
        template["metadata"]["annotations"] = dict(workload.annotations)
    spec: Manifest = {
        "selector": {"matchLabels": labels},
        # One more pod first, then one less: an update never leaves fewer ready pods than before.
        "strategy": {
            "type": "RollingUpdate",
            "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0},
        },
        "template": template,
    }
    if workload.autoscale is None:
        spec["replicas"] = workload.replicas
    name = names.deployment_name(service, workload.version)
    deployment = _object("apps/v1", "Deployment", namespace, name, spec)
    deployment["metadata"]["labels"] |= labels
    return deployment


def _make_container(service: str, workload: WorkloadSettings) -> Manifest:
    security = workload.security
    container: Manifest = {
        "name": service,
        "image": workload.image,
        "ports": [{"name": "http", "containerPort": workload.port}],
        "resources": _make_resources(workload.resources),
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": security.read_only_root,
            "runAsUser": security.run_as_user,
        },
        **_make_probes(workload.probes, workload.port),
    }
    if workload.env:
        container["env"] = [
            {"name": key, "value": value} for key, value in sorted(workload.env.items())
        ]
    return container


def _make_resources(resources: ResourceSettings) -> Manifest:
    limits = {"cpu": resources.cpu_limit, "memory": resources.memory_limit}
    made: Manifest = {
        "requests": {"cpu": resources.cpu_request, "memory": resources.memory_request}
    }
    if any(limits.values()):
        made["limits"] = {key: value for key, value in limits.items() if value}
    return made


def _make_probes(probes: ProbeSettings, port: int) -> Manifest:
    paths = {
        "readinessProbe": probes.readiness,
        "livenessProbe": probes.liveness,
        "startupProbe": probes.startup,
    }
    return {
        key: {
            "httpGet": {"path": path, "port": port},
            "periodSeconds": probes.period_seconds,
            "failureThreshold": probes.failure_threshold,
        }
        for key, path in paths.items()
        if path
    }


def _metadata(namespace: str, name: str) -> Manifest:
    return {
        "name": name,
        "namespace": namespace,
        "labels": {**names.MANAGED_BY},
        "annotations": {**names.TAKE_OVER},
    }


def _object(api_version: str, kind: str, namespace: str, name: str, spec: Manifest) -> Manifest:
    metadata = _metadata(namespace, name)
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": spec}
