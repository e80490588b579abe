"""Which mesh carries the traffic, if any: one class per kind, told apart by `kind`.

A stack without the key `mesh` has no releases: forgetting it must never mean that a release shifts pods.
`kind: none` says so in words. To add a mesh: its class here, its name in `MESHES` and in `MeshSettings`.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from mesh_canary.settings.charts import check_one_source
from mesh_canary.settings.fields import K8sName, Replicas, Settings, Switch, Text
from mesh_canary.settings.linkerd import LinkerdSettings
from mesh_canary.settings.problems import Problem


class IstioSettings(Settings):
    """Istio with sidecars, and whether this stack installs it."""

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
    keep_crds: Switch = True
    """Whether CRDs stay when the mesh goes, as Istio's chart has it; without them go all routes of the cluster."""
    access_log: Switch = False
    """Every proxy writes a line for each request that it carries to its standard output."""
    trace_sampling_percent: Annotated[float, Field(strict=True, ge=0, le=100)] | None = None
    """Percent of requests that are traced, to two digits after the point; 1 where a back end is switched on."""
    istiod_values: dict[str, Any] = Field(default_factory=dict)
    """Further values of the istiod chart; they win over ours."""

    @property
    def router(self) -> str:
        """The router that splits traffic on this mesh."""
        return "istio"

    @property
    def installed_namespaces(self) -> tuple[str, ...]:
        """The namespaces that this stack sets up for the mesh."""
        return (self.namespace,) if self.install else ()

    def contradictions(self) -> list[Problem]:
        """An installed mesh has one source of charts."""
        return check_one_source(self.version, self.charts) if self.install else []


class NoMeshSettings(Settings):
    """No mesh: requests go to whichever ready pods a Service selects, and releases shift by pod counts."""

    kind: Literal["none"]

    @property
    def router(self) -> str:
        """The router that splits traffic without a mesh."""
        return "kubernetes"

    @property
    def installed_namespaces(self) -> tuple[str, ...]:
        """The namespaces that this stack sets up for the mesh: none."""
        return ()


MeshSettings = Annotated[
    IstioSettings | LinkerdSettings | NoMeshSettings, Field(discriminator="kind")
]

MeshClass = type[IstioSettings] | type[LinkerdSettings] | type[NoMeshSettings]
MESHES: Mapping[str, MeshClass] = {
    "istio": IstioSettings,
    "linkerd": LinkerdSettings,
    "none": NoMeshSettings,
}
"""The class of every kind of mesh."""
