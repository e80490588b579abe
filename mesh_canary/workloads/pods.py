"""The pod template of a workload: its container, what it may do, what it waits for."""

from mesh_canary.routing import names
from mesh_canary.routing.route import Manifest
from mesh_canary.settings import WorkloadSettings
from mesh_canary.settings.workloads import ResourceSettings, SecuritySettings
from mesh_canary.workloads.probes import make_probes
from mesh_canary.workloads.volumes import make_mounts, make_volumes


def make_template(service: str, account: str, workload: WorkloadSettings) -> Manifest:
    """The pods of one version; labels of ours win over the operator's."""
    labels = names.pod_labels(service, workload.version)
    spec: Manifest = {
        "serviceAccountName": account,
        "terminationGracePeriodSeconds": workload.grace_seconds,
        "securityContext": _make_pod_security(workload.security),
        "containers": [_make_container(service, workload)],
    }
    if workload.wait_for:
        spec["initContainers"] = [
            _make_wait(address, workload) for address in sorted(workload.wait_for)
        ]
    if workload.volumes:
        spec["volumes"] = make_volumes(service, workload)
    if not workload.service_links:
        spec["enableServiceLinks"] = False
    if not workload.api_token:
        spec["automountServiceAccountToken"] = False
    template: Manifest = {"metadata": {"labels": {**workload.labels, **labels}}, "spec": spec}
    if workload.annotations:
        template["metadata"]["annotations"] = dict(workload.annotations)
    return template


def _make_container(service: str, workload: WorkloadSettings) -> Manifest:
    container: Manifest = {
        "name": service,
        "image": workload.image,
        "resources": _make_resources(workload.resources),
        "securityContext": _make_container_security(workload.security),
        **make_probes(workload),
    }
    if workload.listens:
        container["ports"] = [
            {"name": name, "containerPort": port.container_port}
            for name, port in workload.listens.items()
        ]
    if workload.pull_policy:
        container["imagePullPolicy"] = workload.pull_policy
    if variables := [*_plain_variables(workload), *_secret_variables(service, workload)]:
        container["env"] = sorted(variables, key=lambda variable: str(variable["name"]))
    if workload.drain_seconds:
        container["lifecycle"] = {"preStop": {"sleep": {"seconds": workload.drain_seconds}}}
    if workload.volumes:
        container["volumeMounts"] = make_mounts(workload)
    return container


def _make_wait(address: str, workload: WorkloadSettings) -> Manifest:
    """An init container that ends once `address` accepts a connection: a client that gives up would be left without."""
    host, _, port = address.partition(":")
    security = SecuritySettings(run_as_user=65534)
    return {
        "name": f"wait-for-{host.partition('.')[0]}-{port}",
        "image": workload.wait_image,
        "command": ["sh", "-c", f"until nc -z -w 2 {host} {port}; do sleep 1; done"],
        "resources": {"requests": {"cpu": "10m", "memory": "8Mi"}, "limits": {"memory": "32Mi"}},
        "securityContext": _make_container_security(security),
    }


def _plain_variables(workload: WorkloadSettings) -> list[Manifest]:
    return [{"name": key, "value": value} for key, value in workload.env.items()]


def _secret_variables(service: str, workload: WorkloadSettings) -> list[Manifest]:
    return [
        {"name": key, "valueFrom": {"secretKeyRef": {"name": service, "key": secret}}}
        for key, secret in workload.secret_env.items()
        if key not in workload.env  # a version may say another value
    ]


def _make_resources(resources: ResourceSettings) -> Manifest:
    limits = {"cpu": resources.cpu_limit, "memory": resources.memory_limit}
    made: Manifest = {
        "requests": {"cpu": resources.cpu_request, "memory": resources.memory_request}
    }
    if any(limits.values()):
        made["limits"] = {key: value for key, value in limits.items() if value}
    return made


def _make_pod_security(security: SecuritySettings) -> Manifest:
    made: Manifest = {"seccompProfile": {"type": "RuntimeDefault"}}
    if not security.run_as_root:
        made = {"runAsNonRoot": True, **made}
    return {**made, "fsGroup": security.fs_group} if security.fs_group else made


def _make_container_security(security: SecuritySettings) -> Manifest:
    capabilities: Manifest = {"drop": ["ALL"]}
    if security.capabilities:
        capabilities["add"] = sorted(set(security.capabilities))
    made: Manifest = {
        "allowPrivilegeEscalation": False,
        "capabilities": capabilities,
        "readOnlyRootFilesystem": security.read_only_root,
    }
    return made if security.run_as_root else {**made, "runAsUser": security.run_as_user}
