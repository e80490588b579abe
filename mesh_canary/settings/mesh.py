"""Which mesh carries the traffic, if any: one class per kind, told apart by `kind`.

A stack without the key `mesh` has no releases: forgetting it must never mean that a release shifts pods.
`kind: none` says so in words. To add a mesh: its class here, its name in `MESHES` and in `MeshSettings`.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from mesh_canary.settings.fields import K8sName, Replicas, Settings, Switch
from mesh_canary.settings.problems import Problem

Text = Annotated[str, StringConstraints(min_length=1)]


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
    trace_sampling_percent: Annotated[float, Field(strict=True, ge=0, le=100)] | None = None
    """Percent of requests that are traced, to two digits after the point; 1 where a back end is switched on."""
    istiod_values: dict[str, Any] = Field(default_factory=dict)
    """Further values of the istiod chart; they win over ours."""

    @property
    def router(self) -> str:
        """The router that splits traffic on this mesh."""
        return "istio"

    @property
    def installed_namespace(self) -> str | None:
        """The namespace that this stack sets up for the mesh; None where it sets up none."""
        return self.namespace if self.install else None

    def contradictions(self) -> list[Problem]:
        """An installed mesh has one source of charts."""
        if not self.install or (self.version is None) != (self.charts is None):
            return []
        given = "both" if self.version else "neither"
        hint = "`version` takes the public charts, `charts` a folder; set one, or `install: false`"
        rule = f"an installed mesh has one source: {given} of version and charts is given"
        return [Problem("", "", rule, hint)]


class NoMeshSettings(Settings):
    """No mesh: requests go to whichever ready pods a Service selects, and releases shift by pod counts."""

    kind: Literal["none"]

    @property
    def router(self) -> str:
        """The router that splits traffic without a mesh."""
        return "kubernetes"

    @property
    def installed_namespace(self) -> str | None:
        """The namespace that this stack sets up for the mesh: none."""
        return None


MeshSettings = Annotated[IstioSettings | NoMeshSettings, Field(discriminator="kind")]

MESHES: Mapping[str, type[IstioSettings] | type[NoMeshSettings]] = {
    "istio": IstioSettings,
    "none": NoMeshSettings,
}
"""The class of every kind of mesh."""
