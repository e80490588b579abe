"""LinkerdMesh: Linkerd by its own Helm charts, unmodified, with certificates that are made once.

Helm releases, as with Istio: the charts make certificates for their webhooks whenever they are rendered, and only Helm
renders them no more often than they change.
"""

from base64 import b64encode
from collections.abc import Sequence
from typing import Any, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from components.certificates import Issuer, TrustAnchor
from components.helm_chart import ChartSource, chart_args
from components.kubernetes_object import KubernetesObject
from mesh_canary.release.trust import Trust
from mesh_canary.workloads.linkerd import ISSUER_NAME, ROOT_NAME, make_issuer_secret

TYPE = "mesh-canary:index:LinkerdMesh"
TRUST_TYPE = "mesh-canary:index:LinkerdTrust"


class LinkerdMeshArgs(TypedDict):
    """Where the charts come from, what is set in them, and the names of the certificates."""

    source: ChartSource
    namespace: dict[str, Any]
    viz_namespace: dict[str, Any] | None
    """None: viz is not installed."""
    crds_values: dict[str, Any]
    control_plane_values: pulumi.Input[dict[str, Any]]
    """Without the trust anchors."""
    viz_values: pulumi.Input[dict[str, Any]]
    trust: Trust
    issuer_number: int
    issuer_days: int


class LinkerdTrust(pulumi.ComponentResource):
    """What proxies trust, on record once every pod with one has started with it; a run that fails leaves the record."""

    def __init__(
        self, trust: Trust, pods: Sequence[pulumi.CustomResource], opts: pulumi.ResourceOptions
    ) -> None:
        """Registers the record, after `pods`: the Deployments of the stack."""
        super().__init__(TRUST_TYPE, "linkerd-trust", {}, opts)
        written = pulumi.Output.all(*(pod.id for pod in pods))
        self.register_outputs({"trust": written.apply(lambda _: trust.to_outputs())})


class LinkerdMesh(pulumi.ComponentResource):
    """The CRDs, then the control plane with its injector ready, then the dashboard."""

    def __init__(
        self, name: str, args: LinkerdMeshArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Makes the certificates that are not in the state, and installs the charts that are asked for."""
        super().__init__(TYPE, name, {}, opts)
        self.trust, self.source = args["trust"], args["source"]
        child = pulumi.ResourceOptions(parent=self)
        namespace = self._namespace(args["namespace"])
        crds = self._release("linkerd-crds", namespace, args["crds_values"], [])
        self.anchors = {
            anchor: TrustAnchor(f"linkerd-{anchor}", ROOT_NAME, child)
            for anchor in self.trust.anchors
        }
        self.issuer = self._issuer(args["issuer_number"], args["issuer_days"])
        secret = self._secret(namespace)
        self.control_plane = self._release(
            "linkerd-control-plane",
            namespace,
            pulumi.Output.all(args["control_plane_values"], self._bundle()).apply(_with_bundle),
            [crds, secret],
        )
        if args["viz_namespace"]:
            viz = self._namespace(args["viz_namespace"])
            self._release("linkerd-viz", viz, args["viz_values"], [self.control_plane])
        self.register_outputs(
            {
                "trust": self.trust.to_outputs(),
                "issuer_number": args["issuer_number"],
                "issuer_expires": self.issuer.expires,
            }
        )

    def _issuer(self, number: int, days: int) -> Issuer:
        """A renewed one is signed and in the Secret before the old one is forgotten."""
        child = pulumi.ResourceOptions(parent=self)
        anchor = self.anchors[self.trust.signer]
        return Issuer("linkerd-issuer", ISSUER_NAME, anchor, child, number=number, days=days)

    def _secret(self, namespace: KubernetesObject) -> KubernetesObject:
        issuer, anchor = self.issuer, self.anchors[self.trust.signer]
        data = {"tls.crt": issuer.certificate, "tls.key": issuer.key, "ca.crt": anchor.certificate}
        encoded = {name: text.apply(_base64) for name, text in data.items()}
        after = pulumi.ResourceOptions(parent=self, depends_on=[namespace])
        return KubernetesObject("linkerd-identity-issuer", make_issuer_secret(encoded), after)

    def _bundle(self) -> pulumi.Output[str]:
        """What every proxy trusts: public."""
        return pulumi.Output.concat(*(anchor.certificate for anchor in self.anchors.values()))

    def _namespace(self, manifest: dict[str, Any]) -> KubernetesObject:
        logical = f"{manifest['metadata']['name']}-namespace"
        return KubernetesObject(logical, manifest, pulumi.ResourceOptions(parent=self))

    def _release(
        self,
        chart: str,
        namespace: KubernetesObject,
        values: pulumi.Input[dict[str, Any]],
        after: list[pulumi.Resource],
    ) -> "k8s.helm.v3.Release":
        opts = pulumi.ResourceOptions(parent=self, depends_on=[namespace, *after])
        where = "linkerd-viz" if chart == "linkerd-viz" else "linkerd"
        return k8s.helm.v3.Release(
            chart, chart_args(chart, where, chart, self.source, values), opts
        )


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode()


def _with_bundle(given: list[Any]) -> dict[str, Any]:
    """The values, with the trust anchors where the stack file sets none."""
    values, bundle = given
    return {"identityTrustAnchorsPEM": bundle, **values}
