"""A load test as a Kubernetes Job: one pod, a container per page, all ended by the same deadline.

The Job never tries again (a second try would be a second load), its pod has no sidecar (one would outlive the
generator on meshes without native sidecars, and the load comes from outside anyway), and nobody else removes it: one
that were gone would be made anew, and its load with it. Flags are Fortio's. Source: fortio.org/fortio 1.68,
`fortio help load`.
"""

import math
from dataclasses import dataclass

from mesh_canary.routing import names
from mesh_canary.routing.route import Manifest
from mesh_canary.settings.load_tests import LoadTestSettings
from mesh_canary.settings.sidecars import INJECT, LINKERD_INJECT

START_SECONDS = 120
"""How long the pod may take to start before the deadline cuts into the load."""
RATE_OF_A_CONNECTION = 10
"""Requests per second that one connection is given."""


@dataclass(frozen=True)
class Target:
    """What is asked: a Service and its port."""

    namespace: str
    service: str
    port: int


def job_name(name: str) -> str:
    """Of the load test `name`."""
    return f"load-test-{name}"


def make_load_test(name: str, test: LoadTestSettings, target: Target) -> Manifest:
    """The Job of the load test `name`."""
    labels = {"app": job_name(name)}
    containers = [
        _make_container(name, test, page, _url(target, path))
        for page, path in sorted(test.pages.items())
    ]
    pod = {
        "metadata": {
            "labels": {**labels, INJECT: "false"},
            "annotations": {LINKERD_INJECT: "disabled"},
        },
        "spec": {
            "restartPolicy": "Never",
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "terminationGracePeriodSeconds": 5,
            "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": containers,
        },
    }
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": job_name(name),
            "namespace": target.namespace,
            "labels": {**names.MANAGED_BY, **labels},
            # `up` is done when the load begins: Pulumi would wait for its end.
            "annotations": {**names.TAKE_OVER, "pulumi.com/skipAwait": "true"},
        },
        "spec": {
            "parallelism": 1,
            "completions": 1,
            "backoffLimit": 0,
            "activeDeadlineSeconds": test.minutes * 60 + START_SECONDS,
            "template": pod,
        },
    }


def _url(target: Target, path: str) -> str:
    return f"http://{names.host_of(target.service, target.namespace)}:{target.port}{path}"


def _make_container(name: str, test: LoadTestSettings, page: str, url: str) -> Manifest:
    connections = max(1, math.ceil(test.rate / RATE_OF_A_CONNECTION))
    return {
        "name": page,
        "image": test.image,
        "args": [
            "load",
            *("-qps", f"{test.rate:g}", "-c", f"{connections}", "-t", f"{test.minutes * 60}s"),
            *(
                "-jitter",
                "-nocatchup",
                "-allow-initial-errors",
                "-loglevel",
                "warning",
                "-p",
                "50,99",
            ),
            *("-H", "Cache-Control: no-cache", "-H", f"User-Agent: {job_name(name)}"),
            url,
        ],
        "resources": {"requests": {"cpu": "20m", "memory": "32Mi"}, "limits": {"memory": "128Mi"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
            "runAsUser": 1000,
        },
    }


FIGURES = 'istio_requests_total{.*reporter="source"|envoy_http_downstream_rq{.*outbound_'
"""What a sidecar counts of the calls that its pod makes: Istio's build of Envoy the first, a plain Envoy the second."""

CALL_STATS = r"http\.outbound_.*\.downstream_rq_[1-5]xx"
"""What a plain Envoy is told to keep for that, by port and kind of answer; one of its own, a fault, counts too."""


def explain_load_test(name: str, test: LoadTestSettings, target: Target) -> dict[str, object]:
    """What the stack's outputs say of a load test: how much it asks, and how its results are read."""
    pages = "1 page" if len(test.pages) == 1 else f"{len(test.pages)} pages"
    told: dict[str, object] = {
        "load": f"{pages} of {target.service}, {test.rate:g} requests/s each, {test.minutes} min",
        "running": test.running,
    }
    if not test.running:
        return told
    told["answers"] = (
        f"kubectl logs -n {target.namespace} job/{job_name(name)} --all-containers --prefix | grep Code"
    )
    if test.api_errors:
        pods = f"/api/v1/namespaces/{target.namespace}/pods"
        told["api_errors"] = (
            f"kubectl get pods -n {target.namespace} -l app={target.service} -o name"
            f" | sed 's|^pod/|{pods}/|; s|$|:15090/proxy/stats/prometheus|'"
            f" | xargs -n1 kubectl get --raw | grep -E '{FIGURES}' | grep -v ' 0$'"
        )
    return told
