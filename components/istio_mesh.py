"""IstioMesh: Istio's control plane by its own Helm charts, unmodified.

Helm releases, not rendered manifests: istiod rewrites the `failurePolicy` and `caBundle` of its
webhooks, and only Helm itself does not fight over them (Source: pulumi-kubernetes #2210). Istio's
CRDs carry `helm.sh/resource-policy: keep` and stay after a destroy, by Istio's own choice, unless
they are given here as objects of our own.
"""

from collections.abc import Sequence
from typing import Any, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from components.helm_chart import ChartSource, chart_args
from components.kubernetes_object import KubernetesObject


class IstioMeshArgs(TypedDict):
    """Where the charts come from, and what is set in them."""

    namespace: dict[str, Any]
    source: ChartSource
    base_values: dict[str, Any]
    crds: list[dict[str, Any]]
    """CRDs that go with the mesh; those that the chart keeps are not among them."""
    istiod_values: pulumi.Input[dict[str, Any]]


class IstioMesh(pulumi.ComponentResource):
    """The CRDs, istiod ready and its webhooks in force. Costs one istiod pod a replica."""

    def __init__(
        self, name: str, args: IstioMeshArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Installs `base`, then `istiod`."""
        super().__init__("mesh-canary:index:IstioMesh", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        namespace = args["namespace"]
        logical = f"{namespace['metadata']['name']}-namespace"
        self.namespace = KubernetesObject(logical, namespace, child)
        crds = [KubernetesObject(crd["metadata"]["name"], crd, child) for crd in args["crds"]]
        first = [self.namespace, *crds]
        self.base = self._release("istio-base", "base", args, args["base_values"], first)
        self.istiod = self._release("istiod", "istiod", args, args["istiod_values"], [self.base])
        self.register_outputs({})

    def _release(
        self,
        name: str,
        chart: str,
        args: IstioMeshArgs,
        values: pulumi.Input[dict[str, Any]],
        after: Sequence[pulumi.Resource],
    ) -> "k8s.helm.v3.Release":
        namespace = args["namespace"]["metadata"]["name"]
        opts = pulumi.ResourceOptions(parent=self, depends_on=list(after))
        return k8s.helm.v3.Release(
            name, chart_args(name, namespace, chart, args["source"], values), opts
        )
