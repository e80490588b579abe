"""The few requests that the cluster commands themselves send to the API server."""

import ssl
import warnings
from typing import Any

import httpx

from local_cluster.cluster import Cluster
from local_cluster.place import NODE, PRETENDED_PODS


def connect(cluster: Cluster, timeout_seconds: float, path: str = "") -> httpx.Client:
    """A client of the API server as its administrator, for what lies below `path`; connects when first asked."""
    pki = cluster.place.pki_dir
    context = ssl.create_default_context(cafile=str(pki / "ca.crt"))
    context.load_cert_chain(pki / "admin.crt", pki / "admin.key")
    return httpx.Client(
        base_url=f"https://127.0.0.1:{cluster.api_port}{path}",
        verify=context,
        timeout=timeout_seconds,
        trust_env=False,  # no proxy stands between this machine and itself
    )


class ApiServer:
    """The API server as its administrator sees it. Where it is not up, answers are None or False."""

    def __init__(self, cluster: Cluster) -> None:
        self._client = connect(cluster, timeout_seconds=5)

    def __enter__(self) -> "ApiServer":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def is_ready(self) -> bool:
        """Whether it says so itself.

        Python's `ssl` leaves a socket that is reset before the handshake to the garbage collector, which warns
        (CPython 3.11, `SSLSocket._create`); a server that is about to start resets many.
        """
        with warnings.catch_warnings(action="ignore", category=ResourceWarning):
            try:
                return self._client.get("/readyz").is_success
            except httpx.TransportError:
                return False

    def get(self, path: str) -> dict[str, Any] | None:
        """The object at that path; None where there is none or the server is not up."""
        try:
            response = self._client.get(path)
        except httpx.TransportError:
            return None
        found: dict[str, Any] | None = response.json() if response.is_success else None
        return found

    def create_node(self, architecture: str) -> None:
        """The Node exists; KWOK keeps it alive from then on."""
        self._client.post(
            "/api/v1/nodes",
            json={
                "apiVersion": "v1",
                "kind": "Node",
                "metadata": {
                    "name": NODE,
                    "labels": {
                        "kubernetes.io/hostname": NODE,
                        "kubernetes.io/os": "linux",
                        "kubernetes.io/arch": architecture,
                    },
                },
                "spec": {"podCIDR": PRETENDED_PODS, "podCIDRs": [PRETENDED_PODS]},
            },
        )

    def forget_node_lease(self) -> None:
        """A new KWOK takes the Node over at once, not when the old one's lease runs out (40 s)."""
        path = f"/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/{NODE}"
        self._client.delete(path)

    def node_is_ready(self) -> bool:
        """Whether pods may be scheduled: the Node is Ready and has lost its not-ready taint."""
        node = self.get(f"/api/v1/nodes/{NODE}")
        if node is None or node["spec"].get("taints"):
            return False
        conditions = node["status"].get("conditions", ())
        return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)

    def pods_can_be_made(self) -> bool:
        """Whether namespaces get their service account, without which no pod is admitted."""
        return self.get("/api/v1/namespaces/default/serviceaccounts/default") is not None
