"""What Linkerd's charts leave to who installs them: two namespaces, the issuer's Secret, and the values.

Source: the charts of linkerd2, edge-26: with `identity.issuer.scheme: kubernetes.io/tls` the control plane reads its
issuer from the Secret linkerd-identity-issuer, and reads it again when it changes. The private key so never stands in
values of Helm, nor in the history that Helm keeps in the cluster.
"""

from mesh_canary.routing import names
from mesh_canary.routing.route import Manifest
from mesh_canary.settings.linkerd import NAMESPACE, VIZ_NAMESPACE

ROOT_NAME, ISSUER_NAME = "root.linkerd.cluster.local", "identity.linkerd.cluster.local"
"""Subjects of the certificates, as the control plane expects them in its namespace and cluster domain."""
TRUST = "mesh-canary/trust"
"""Annotation on pods with a proxy: the names of what they trust. Another value restarts them."""


def make_linkerd_namespace() -> Manifest:
    """The control plane's namespace. Its pods are not injected by themselves, and its proxies set up iptables."""
    labels = {
        "config.linkerd.io/admission-webhooks": "disabled",
        "linkerd.io/control-plane-ns": NAMESPACE,
        "linkerd.io/is-control-plane": "true",
        "pod-security.kubernetes.io/enforce": "privileged",
    }
    return _namespace(NAMESPACE, labels, {"linkerd.io/inject": "disabled"})


def make_viz_namespace() -> Manifest:
    """The dashboard's namespace, known to Linkerd's commands as an extension."""
    labels = {"linkerd.io/extension": "viz", "pod-security.kubernetes.io/enforce": "privileged"}
    return _namespace(VIZ_NAMESPACE, labels, {})


def make_issuer_secret(data: object) -> Manifest:
    """What signs the proxies' certificates. `data`: tls.crt and tls.key of the issuer, ca.crt of its anchor."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "kubernetes.io/tls",
        "metadata": {
            "name": "linkerd-identity-issuer",
            "namespace": NAMESPACE,
            "labels": {**names.MANAGED_BY},
            "annotations": {**names.TAKE_OVER},
        },
        "data": data,
    }


def crds_values(*, gateway_api: bool) -> Manifest:
    """Values of linkerd-crds."""
    return {"installGatewayAPI": gateway_api}


def control_plane_values(mark: str, replicas: int) -> Manifest:
    """Values of linkerd-control-plane, but for the trust anchors; another `mark` restarts its pods."""
    values: Manifest = {
        "identity": {"issuer": {"scheme": "kubernetes.io/tls"}},
        "podAnnotations": {TRUST: mark},
        "controllerReplicas": replicas,
    }
    if replicas > 1:
        values |= {
            "enablePodDisruptionBudget": True,
            "enablePodAntiAffinity": True,
            "deploymentStrategy": {"rollingUpdate": {"maxUnavailable": 1, "maxSurge": "25%"}},
        }
    return values


def _namespace(name: str, labels: dict[str, str], annotations: dict[str, str]) -> Manifest:
    metadata: Manifest = {"name": name, "labels": {**names.MANAGED_BY, **labels}}
    if annotations:
        metadata["annotations"] = annotations
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}
