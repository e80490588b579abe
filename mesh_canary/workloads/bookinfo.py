"""Istio's sample app Bookinfo: four services behind productpage, reviews in three versions.

Source: samples/bookinfo of Istio 1.31 (names, ports, images, accounts); probes and security context
are ours, the sample has none. productpage and details run as user 1000, reviews as 1001.
"""

from mesh_canary.routing import names
from mesh_canary.routing.route import Manifest
from mesh_canary.settings import AppSettings, WorkloadSettings
from mesh_canary.settings.apps import BOOKINFO_WORKLOADS
from mesh_canary.settings.ports import HTTP, PortSettings
from mesh_canary.settings.probes import ProbeSettings
from mesh_canary.settings.workloads import SecuritySettings
from mesh_canary.workloads.manifests import make_service_account
from mesh_canary.workloads.services import make_service
from mesh_canary.workloads.versions import with_version

PORT = 9080


def bookinfo_workloads(app: AppSettings) -> dict[str, WorkloadSettings]:
    """The services of Bookinfo, at v1 unless the app's `versions` say otherwise."""
    return {name: _workload(app, name) for name in BOOKINFO_WORKLOADS}


def _workload(app: AppSettings, name: str) -> WorkloadSettings:
    workload = WorkloadSettings(
        image=f"{app.image_repository}/examples-bookinfo-{name}-v1:{app.image_tag}",
        port=PORT,
        replicas=app.replicas,
        drain_seconds=app.drain_seconds,
        probes=ProbeSettings(readiness="/health", liveness="/health"),
        security=SecuritySettings(run_as_user=1001 if name == "reviews" else 1000),
    )
    return with_version(workload, app.versions[name]) if name in app.versions else workload


def make_client(namespace: str) -> tuple[Manifest, ...]:
    """A pod named sleep, from which requests can be sent by hand: service account, Service, Deployment."""
    labels = {"app": "sleep"}
    container = {
        "name": "sleep",
        "image": "docker.io/curlimages/curl:8.16.0",
        "command": ["/bin/sleep", "infinity"],
        "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}, "limits": {"memory": "64Mi"}},
    }
    spec = {
        "serviceAccountName": "sleep",
        "terminationGracePeriodSeconds": 0,
        "containers": [container],
    }
    deployment: Manifest = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": "sleep",
            "namespace": namespace,
            "labels": {**names.MANAGED_BY, **labels},
        },
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": spec},
        },
    }
    return (
        make_service_account(namespace, "sleep"),
        make_service(namespace, "sleep", {HTTP: PortSettings(port=80)}),
        deployment,
    )
