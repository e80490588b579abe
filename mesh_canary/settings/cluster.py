"""Where the program works, and what it sets up there for everybody: the mesh and its ingress gateway."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from mesh_canary.settings.fields import K8sName, Replicas, Settings, Switch
from mesh_canary.settings.problems import Problem

Text = Annotated[str, StringConstraints(min_length=1)]


class ClusterSettings(Settings):
    """Which cluster the stack is for: a context of a kubeconfig."""

    context: Text
    kubeconfig: Text = "~/.kube/config"
    """Path of the kubeconfig; a relative one starts at the folder of Pulumi.yaml."""


class MeshSettings(Settings):
    """Which mesh carries the traffic, and whether this stack installs it."""

    kind: Literal["istio"]
    install: Switch
    """False for a mesh that is there already, set up by another stack or by other means."""
    namespace: K8sName = "istio-system"
    version: Text | None = None
    """Version of the charts in the public repository, for example 1.31.1."""
    charts: Text | None = None
    """Folder that holds the charts `base`, `istiod` and `gateway`, relative to the folder of Pulumi.yaml."""
    repository: Text = "https://blob.istio.io/istio-release/charts"
    hub: Text = "docker.io/istio"
    tag: Text | None = None
    """Image tag of istiod and the proxies; by default the chart's own, needed with charts from a source tree."""
    replicas: Replicas = 1
    istiod_values: dict[str, Any] = Field(default_factory=dict)
    """Further values of the istiod chart; they win over ours."""

    def contradictions(self) -> list[Problem]:
        """An installed mesh has one source of charts."""
        if not self.install or (self.version is None) != (self.charts is None):
            return []
        given = "both" if self.version else "neither"
        hint = "`version` takes the public charts, `charts` a folder; set one, or `install: false`"
        rule = f"an installed mesh has one source: {given} of version and charts is given"
        return [Problem("", "", rule, hint)]


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
