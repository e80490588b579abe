"""Istio: who may call a service, as one AuthorizationPolicy that its own sidecars carry out.

As soon as a workload has one policy that allows, whatever no policy allows is answered with 403: other workloads, and
all callers without a sidecar, which have no identity. A caller's identity is its service account, which its certificate
says. Probes of the kubelet and the scraping of metrics are not asked. `cluster.local` stands for the mesh's own trust
domain, whatever that is. Source: AuthorizationPolicy reference, Istio 1.31.
"""

from mesh_canary.routing import names
from mesh_canary.routing.route import Manifest


def principal_of(namespace: str, account: str) -> str:
    """The identity of whatever runs with a service account."""
    return f"cluster.local/ns/{namespace}/sa/{account}"


def make_access_policy(namespace: str, service: str, principals: tuple[str, ...]) -> Manifest:
    """Only `principals` may call the service, whichever of its versions answers."""
    rule = {"from": [{"source": {"principals": sorted(principals)}}]}
    spec = {
        "selector": {"matchLabels": {"app": service}},
        "action": "ALLOW",
        "rules": [rule],
    }
    metadata = {
        "name": service,
        "namespace": namespace,
        "labels": {**names.MANAGED_BY},
        "annotations": {**names.TAKE_OVER},
    }
    kind = "AuthorizationPolicy"
    return {
        "apiVersion": "security.istio.io/v1",
        "kind": kind,
        "metadata": metadata,
        "spec": spec,
    }
