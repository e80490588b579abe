"""EgressGateway: a way out of the mesh, one Envoy deployment that only the mesh reaches."""

from typing import Any, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from components.helm_chart import ChartSource, chart_args
from components.kubernetes_object import KubernetesObject


class EgressGatewayArgs(TypedDict):
    """The chart's source and its values."""

    namespace: dict[str, Any]
    source: ChartSource
    values: dict[str, Any]


class EgressGateway(pulumi.ComponentResource):
    """A gateway that is ready and that nothing is sent through until a route says so. Costs its pods."""

    def __init__(
        self, name: str, args: EgressGatewayArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Installs the chart in a namespace of its own."""
        super().__init__("mesh-canary:index:EgressGateway", name, {}, opts)
        namespace = args["namespace"]["metadata"]["name"]
        child = pulumi.ResourceOptions(parent=self)
        self.namespace = KubernetesObject(f"{namespace}-namespace", args["namespace"], child)
        within = pulumi.ResourceOptions(parent=self, depends_on=[self.namespace])
        release_args = chart_args(name, namespace, "gateway", args["source"], args["values"])
        self.release = k8s.helm.v3.Release(name, release_args, within)
        self.register_outputs({})
