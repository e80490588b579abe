"""What an environment shares: the provider for its cluster, the mesh, its gateways."""

from typing import Any

import pulumi
import pulumi_kubernetes as k8s

from components.egress_gateway import EgressGateway, EgressGatewayArgs
from components.ingress_gateway import IngressGateway, IngressGatewayArgs
from components.istio_mesh import IstioMesh, IstioMeshArgs
from components.linkerd_mesh import LinkerdMesh
from mesh_canary.routing.istio_gateway import make_gateway
from mesh_canary.settings import (
    EgressGatewaySettings,
    GatewaySettings,
    IstioSettings,
    LinkerdSettings,
    StackSettings,
)
from mesh_canary.workloads import make_namespace, with_tags
from mesh_canary.workloads.certificate import make_certificate
from stacks.config import secret_keys
from stacks.istio_crds import base_values, istio_crds
from stacks.linkerd import linkerd_args
from stacks.translation import chart_source, gateway_values, istiod_values


class Cluster:
    """The provider, and what later parts have to wait for."""

    def __init__(self, settings: StackSettings) -> None:
        """Builds what the settings switch on, in this order: mesh, gateways."""
        self.provider = make_provider(settings)
        self.ready: list[pulumi.Resource] = []
        self.gateway: IngressGateway | None = None
        mesh, gateway = settings.mesh, settings.gateway
        if isinstance(mesh, IstioSettings) and mesh.install:
            args = with_tags(_mesh_args(mesh, settings, self.provider), settings.tags)
            self.ready = [IstioMesh("istio", args, self.options())]
        if isinstance(mesh, LinkerdSettings) and mesh.install:
            linkerd = with_tags(linkerd_args(mesh), settings.tags)
            self.ready = [LinkerdMesh("linkerd", linkerd, self.options())]
        if isinstance(mesh, IstioSettings) and gateway and gateway.install:
            ingress = with_tags(_gateway_args(mesh, gateway), settings.tags)
            self.gateway = IngressGateway(gateway.name, ingress, self.options())
        egress = settings.egress_gateway
        if isinstance(mesh, IstioSettings) and egress and egress.install:
            EgressGateway(
                egress.name, with_tags(_egress_args(mesh, egress), settings.tags), self.options()
            )

    def options(self) -> pulumi.ResourceOptions:
        """For components: the explicit provider, and after everything that is ready so far."""
        return pulumi.ResourceOptions(providers=[self.provider], depends_on=self.ready)


def make_provider(settings: StackSettings) -> k8s.Provider:
    """The one provider of the stack.

    The identifier keeps a changed kubeconfig, or another name for the context, from replacing the provider, and with it
    every object: a stack is for one cluster all its life.
    """
    cluster = settings.cluster
    return k8s.Provider(
        "cluster",
        kubeconfig=cluster.kubeconfig,  # as it is written: an expanded home would differ from person to person
        context=cluster.context,
        cluster_identifier=pulumi.get_stack(),
        enable_server_side_apply=True,
        enable_secret_mutable=True,  # otherwise new data would delete the object first, certificates too
        enable_config_map_mutable=True,
        suppress_helm_hook_warnings=True,
    )


def _mesh_args(
    mesh: IstioSettings, settings: StackSettings, provider: k8s.Provider
) -> IstioMeshArgs:
    calls = any(test.api_errors for test in settings.load_tests.values())
    values: Any = istiod_values(mesh, settings.addons, calls=calls)
    crds = istio_crds(mesh, provider)
    if "mesh" in secret_keys():
        values = pulumi.Output.secret(values)
    return {
        "namespace": make_namespace(mesh.namespace, sidecars=False),
        "base_values": base_values(crds),
        "crds": crds,
        "istiod_values": values,
        "source": chart_source(mesh),
    }


def _gateway_args(mesh: IstioSettings, gateway: GatewaySettings) -> IngressGatewayArgs:
    return {
        "namespace": make_namespace(gateway.namespace, sidecars=False),
        "values": gateway_values(gateway.name, gateway.replicas, gateway.service_type),
        "gateway": make_gateway(gateway),
        "certificate": make_certificate(gateway),
        "source": chart_source(mesh),
    }


def _egress_args(mesh: IstioSettings, gateway: EgressGatewaySettings) -> EgressGatewayArgs:
    return {
        "namespace": make_namespace(gateway.namespace, sidecars=False),
        "values": gateway_values(gateway.name, gateway.replicas, "ClusterIP"),
        "source": chart_source(mesh),
    }
