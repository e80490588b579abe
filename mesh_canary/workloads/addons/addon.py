"""One add-on as manifests, and the parts that all of them are made of."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from mesh_canary.routing import names
from mesh_canary.routing.route import Manifest
from mesh_canary.settings.addons import AddonSettings

NO_SIDECAR = {"sidecar.istio.io/inject": "false"}
"""Label of the pods: what watches the mesh does not depend on it."""
CONFIG_NOTE = "mesh-canary/config"
"""Annotation of the pods: a hash of what they read when they start, so that a change of it makes new pods."""


@dataclass(frozen=True)
class Addon:
    """One add-on: its objects in the order in which they are made, the Deployment last."""

    name: str
    """As its entry in the stack file is called."""
    objects: tuple[Manifest, ...]
    service: str
    port: int
    """Of the Service: where its page is."""

    @property
    def deployment(self) -> Manifest:
        """What runs."""
        return self.objects[-1]


@dataclass(frozen=True)
class Volume:
    """What a pod mounts: a ConfigMap or Secret, or where both are empty a folder that goes with the pod."""

    name: str
    path: str
    config_map: str = ""
    secret: str = ""


@dataclass(frozen=True)
class Pod:
    """What is different from add-on to add-on in the one pod of each."""

    user: int
    """uid and gid that the image is made for."""
    port: int
    health: str
    """Path that answers 200 once it works."""
    ready: str = ""
    """Path that answers 200 once it takes requests; by default the same."""
    args: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    env: tuple[Manifest, ...] = ()
    volumes: tuple[Volume, ...] = ()
    starts_within_seconds: int = 120
    config: str = ""
    """All that it reads when it starts, as text."""
    account: bool = False
    """Whether it speaks to the API server: it then has a service account, and its token."""


def make_deployment(namespace: str, app: str, addon: AddonSettings, pod: Pod) -> Manifest:
    """One pod, replaced and not doubled when it changes: two would write the same figures, or share none."""
    labels = {"app": app}
    template: Manifest = {
        "metadata": {"labels": {**labels, **NO_SIDECAR}},
        "spec": {
            "automountServiceAccountToken": pod.account,
            "securityContext": {
                "runAsNonRoot": True,
                **{key: pod.user for key in ("runAsUser", "runAsGroup", "fsGroup")},
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [_make_container(app, addon, pod)],
            "volumes": [_make_volume(volume) for volume in pod.volumes],
        },
    }
    if pod.account:
        template["spec"]["serviceAccountName"] = app
    if pod.config:
        template["metadata"]["annotations"] = {CONFIG_NOTE: digest_of(pod.config)}
    spec = {
        "replicas": 1,
        "strategy": {"type": "Recreate"},
        "selector": {"matchLabels": labels},
        "template": template,
    }
    return make_object("apps/v1", "Deployment", namespace, app, spec=spec, labels=labels)


def _make_container(app: str, addon: AddonSettings, pod: Pod) -> Manifest:
    container: Manifest = {
        "name": app,
        "image": addon.image,
        "ports": [{"name": "http", "containerPort": pod.port}],
        "resources": _make_resources(addon),
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        },
        "startupProbe": _make_probe(pod.health, pod.port, 2, pod.starts_within_seconds // 2),
        "readinessProbe": _make_probe(pod.ready or pod.health, pod.port, 5, 3),
        "livenessProbe": _make_probe(pod.health, pod.port, 15, 6),
        "volumeMounts": [{"name": volume.name, "mountPath": volume.path} for volume in pod.volumes],
    }
    for key in ("args", "command", "env"):
        if values := getattr(pod, key):
            container[key] = list(values)
    return container


def _make_probe(path: str, port: int, period_seconds: int, failures: int) -> Manifest:
    return {
        "httpGet": {"path": path, "port": port},
        "periodSeconds": period_seconds,
        "timeoutSeconds": 5,
        "failureThreshold": failures,
    }


def _make_volume(volume: Volume) -> Manifest:
    if volume.config_map:
        return {"name": volume.name, "configMap": {"name": volume.config_map}}
    if volume.secret:
        return {"name": volume.name, "secret": {"secretName": volume.secret}}
    return {"name": volume.name, "emptyDir": {}}


def _make_resources(addon: AddonSettings) -> Manifest:
    wanted = addon.resources
    limits = {"cpu": wanted.cpu_limit, "memory": wanted.memory_limit}
    return {
        "requests": {"cpu": wanted.cpu_request, "memory": wanted.memory_request},
        "limits": {key: value for key, value in limits.items() if value},
    }


def make_object(api_version: str, kind: str, namespace: str, name: str, **content: Any) -> Manifest:
    """An object of ours; `labels` join its own, everything else stands beside the metadata."""
    labels = {**names.MANAGED_BY, **content.pop("labels", {})}
    metadata: Manifest = {"name": name, "labels": labels, "annotations": {**names.TAKE_OVER}}
    if namespace:
        metadata["namespace"] = namespace
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **content}


def make_config_map(namespace: str, name: str, files: dict[str, str]) -> Manifest:
    """Files to mount."""
    return make_object("v1", "ConfigMap", namespace, name, data=files)


def make_secret(namespace: str, name: str, values: dict[str, str]) -> Manifest:
    """Values that Pulumi's state holds encrypted and the cluster as a Secret."""
    return make_object("v1", "Secret", namespace, name, type="Opaque", stringData=values)


def make_service(namespace: str, name: str, app: str, port: int, target: int) -> Manifest:
    """A Service in front of the pod of `app`; its port is called http, which is how Istio learns the protocol."""
    ports = [{"name": "http", "port": port, "targetPort": target}]
    made = make_object(
        "v1", "Service", namespace, name, spec={"selector": {"app": app}, "ports": ports}
    )
    # Readiness is awaited at the Deployment; Pulumi's own wait for a Service settles for 10 s and more.
    made["metadata"]["annotations"]["pulumi.com/skipAwait"] = "true"
    return made


def make_reader(namespace: str, app: str, rules: list[Manifest]) -> tuple[Manifest, ...]:
    """A service account that may do what `rules` say in every namespace, and nothing else."""
    name = (
        f"{namespace}-{app}"  # roles of the whole cluster: another stack may have the same add-on
    )
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": name}
    subject = {"kind": "ServiceAccount", "name": app, "namespace": namespace}
    rbac = "rbac.authorization.k8s.io/v1"
    return (
        make_object("v1", "ServiceAccount", namespace, app),
        make_object(rbac, "ClusterRole", "", name, rules=rules),
        make_object(rbac, "ClusterRoleBinding", "", name, roleRef=reference, subjects=[subject]),
    )


def as_text(content: object) -> str:
    """Settings of an add-on as the JSON that its YAML reader takes as well."""
    return json.dumps(content, indent=2) + "\n"


def digest_of(text: str) -> str:
    """16 hex digits that change with the text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]
