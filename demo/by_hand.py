"""Bookinfo as somebody applied it with kubectl before the program came: the sample's shape, v1 of each service.

Source of names, labels and volumes: samples/bookinfo of Istio 1.31. No probes, no resources, and Services with labels
of their own. One Deployment, that of details, selects `app` alone, as older files of the sample did: what the program
cannot take over.
"""

import json
import subprocess
from typing import Any

from local_cluster.api import Cluster

Manifest = dict[str, Any]
PORT = 9080
SERVICES = ("details", "ratings", "reviews", "productpage")
ODD = "details"
"""The service whose Deployment selects other labels than the program's."""
_IMAGES = "docker.io/istio/examples-bookinfo-{}-v1:1.20.3"


def make_bookinfo(namespace: str, gateway: str) -> list[Manifest]:
    """A namespace with injection, the four services, and their route behind a gateway (namespace/name)."""
    labels = {"istio-injection": "enabled"}
    objects: list[Manifest] = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace, "labels": labels}}
    ]
    for name in SERVICES:
        objects += [_service(name), _account(name), _deployment(name)]
    objects.append(_route(gateway))
    for made in objects[1:]:
        made["metadata"]["namespace"] = namespace
    return objects


def apply(cluster: Cluster, objects: list[Manifest]) -> None:
    """The objects are in the cluster, applied as a person does. Raises RuntimeError with what kubectl says."""
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
    kubectl(cluster, "apply", "-f", "-", text=text)


def kubectl(cluster: Cluster, *arguments: str, text: str = "") -> str:
    """What kubectl says. Raises RuntimeError with its words when it fails."""
    command = ["kubectl", *arguments]
    ran = subprocess.run(
        command, env=cluster.env, input=text, text=True, capture_output=True, check=False
    )
    if ran.returncode:
        message = f"`{' '.join(command[:4])}` failed: {ran.stderr.strip()}"
        raise RuntimeError(message)
    return ran.stdout


def _service(name: str) -> Manifest:
    labels = {"app": name, "service": name}
    spec = {"ports": [{"port": PORT, "name": "http"}], "selector": {"app": name}}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "labels": labels},
        "spec": spec,
    }


def _account(name: str) -> Manifest:
    metadata = {"name": f"bookinfo-{name}", "labels": {"account": name}}
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}


def _deployment(name: str) -> Manifest:
    labels = {"app": name, "version": "v1"}
    container: Manifest = {
        "name": name,
        "image": _IMAGES.format(name),
        "imagePullPolicy": "IfNotPresent",
        "ports": [{"containerPort": PORT}],
    }
    spec: Manifest = {"serviceAccountName": f"bookinfo-{name}", "containers": [container]}
    if name == "reviews":
        places = {"tmp": "/tmp", "wlp-output": "/opt/ibm/wlp/output"}
        container["env"] = [{"name": "LOG_DIR", "value": "/tmp/logs"}]
        container["volumeMounts"] = [{"name": n, "mountPath": at} for n, at in places.items()]
        spec["volumes"] = [{"name": volume, "emptyDir": {}} for volume in places]
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": f"{name}-v1", "labels": labels},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": {"app": name} if name == ODD else labels},
            "template": {"metadata": {"labels": labels}, "spec": spec},
        },
    }


def _route(gateway: str) -> Manifest:
    paths = ("/productpage", "/static", "/login", "/logout", "/api/v1/products")
    match = [{"uri": {"prefix": path}} for path in paths]
    route = [{"destination": {"host": "productpage", "port": {"number": PORT}}}]
    spec = {"hosts": ["*"], "gateways": [gateway], "http": [{"match": match, "route": route}]}
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": {"name": "bookinfo"},
        "spec": spec,
    }
