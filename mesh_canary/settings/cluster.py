"""Where the program works, and the way in that it sets up there for everybody: the ingress gateway."""

from typing import Literal

from mesh_canary.settings.fields import K8sName, Replicas, Settings, Switch, Text


class ClusterSettings(Settings):
    """Which cluster the stack is for: a context of a kubeconfig."""

    context: Text
    kubeconfig: Text = "~/.kube/config"
    """Path of the kubeconfig; a relative one starts at the folder of Pulumi.yaml."""


class GatewaySettings(Settings):
    """The ingress gateway: one Helm release and the Gateway object that apps bind their hosts to."""

    install: Switch = True
    """False for a gateway that is there already; `name` and `namespace` then say where."""
    name: K8sName = "istio-ingressgateway"
    namespace: K8sName = "istio-ingress"
    replicas: Replicas = 1
    service_type: Literal["LoadBalancer", "NodePort", "ClusterIP"] = "LoadBalancer"

    @property
    def reference(self) -> str:
        """The Gateway object as a VirtualService names it: namespace/name."""
        return f"{self.namespace}/{self.name}"
