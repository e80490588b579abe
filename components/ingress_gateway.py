"""IngressGateway: the way in for requests from outside, one Envoy deployment and its Gateway object."""

from typing import Any, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from components.helm_chart import ChartSource, chart_args
from components.kubernetes_object import ExistingObject, KubernetesObject


class IngressGatewayArgs(TypedDict):
    """The chart's source, its values, and the Gateway that apps bind their hosts to."""

    namespace: dict[str, Any]
    source: ChartSource
    values: dict[str, Any]
    gateway: dict[str, Any]
    certificate: dict[str, Any] | None
    """The Secret with certificate and key, where the stack file has them."""


class IngressGateway(pulumi.ComponentResource):
    """A gateway that serves; `address` is where users reach it. Costs its pods and a load balancer."""

    address: pulumi.Output[str]

    def __init__(
        self, name: str, args: IngressGatewayArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Installs the chart, then the Gateway object; reads the address the Service was given."""
        super().__init__("mesh-canary:index:IngressGateway", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        namespace = args["namespace"]["metadata"]["name"]
        self.namespace = KubernetesObject(f"{namespace}-namespace", args["namespace"], child)
        release_args = chart_args(name, namespace, "gateway", args["source"], args["values"])
        within = pulumi.ResourceOptions(parent=self, depends_on=[self.namespace])
        self.release = k8s.helm.v3.Release(name, release_args, within)
        needed: list[pulumi.Resource] = [self.release]
        if secret := args["certificate"]:  # before the object that names it
            needed.append(KubernetesObject(f"{name}-certificate", secret, within))
        after = pulumi.ResourceOptions(parent=self, depends_on=needed)
        self.gateway = KubernetesObject(f"{name}-gateway", args["gateway"], after)
        self.address = self._read_address(name, namespace)
        self.register_outputs({"address": self.address})

    def _read_address(self, name: str, namespace: str) -> pulumi.Output[str]:
        """The load balancer's address, else the Service's name within the cluster."""
        here = self.release.status.apply(lambda _: f"{namespace}/{name}")
        opts = pulumi.ResourceOptions(parent=self, id=here)
        service = ExistingObject(f"{name}-service", "v1", "Service", opts)
        inside = f"{name}.{namespace}.svc.cluster.local"
        return service.status.apply(lambda status: first_address(status) or inside)


def first_address(status: Any) -> str:
    """IP or host name of the first load balancer in a Service's status; empty where there is none."""
    entries = ((status or {}).get("loadBalancer") or {}).get("ingress") or []
    return str(entries[0].get("ip") or entries[0].get("hostname") or "") if entries else ""
