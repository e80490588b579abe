"""The services that run in the cluster: built-in apps by name, and your own with nothing but these keys."""

from typing import Literal

from pydantic import Field

from mesh_canary.settings.fields import (
    Host,
    ImageRef,
    K8sName,
    Percent,
    Port,
    Quantity,
    ReadySeconds,
    Replicas,
    Settings,
    Switch,
    UrlPath,
    Version,
)
from mesh_canary.settings.problems import Problem
from mesh_canary.settings.sidecars import Sidecars

BOOKINFO_WORKLOADS = ("productpage", "details", "ratings", "reviews")
CLIENT = "sleep"
"""The name of Bookinfo's client pod, which is no workload of its own but may have a sidecar."""
BOOKINFO_PATHS = ("/productpage", "/static", "/login", "/logout", "/api/v1/products")
"""What the gateway lets through to Bookinfo, as prefixes, unless the stack file says otherwise."""
BOOKINFO_CALLERS = {
    "productpage": (),
    "details": ("productpage",),
    "reviews": ("productpage",),
    "ratings": ("reviews",),
}
"""Who asks whom. Source: samples/bookinfo of Istio 1.31."""
BOOKINFO_ONLY = ("client", "versions", "image_repository", "image_tag")


class ProbeSettings(Settings):
    """Paths that the kubelet asks, on the workload's own port; a path left out is not asked."""

    readiness: UrlPath | None = None
    liveness: UrlPath | None = None
    startup: UrlPath | None = None
    period_seconds: int = Field(default=5, strict=True, ge=1, le=300)
    failure_threshold: int = Field(default=3, strict=True, ge=1, le=100)


class ResourceSettings(Settings):
    """What one pod asks for and may use at most."""

    cpu_request: Quantity = "50m"
    memory_request: Quantity = "64Mi"
    cpu_limit: Quantity | None = None
    memory_limit: Quantity | None = "256Mi"


class SecuritySettings(Settings):
    """What a pod may do; the defaults are the restricted Pod Security Standard."""

    run_as_user: int = Field(default=1000, strict=True, ge=1)
    read_only_root: Switch = False


class AutoscaleSettings(Settings):
    """A HorizontalPodAutoscaler on CPU; the Deployment then carries no replica count of ours."""

    min_replicas: Replicas
    max_replicas: Replicas
    cpu_percent: Percent = 80

    def contradictions(self) -> list[Problem]:
        """The least number of pods is not above the largest."""
        if self.min_replicas <= self.max_replicas:
            return []
        rule = f"above max_replicas, which is {self.max_replicas}"
        return [
            Problem("min_replicas", f"{self.min_replicas}", rule, "lower it, or raise max_replicas")
        ]


class WorkloadSettings(Settings):
    """One service and the Deployment behind it."""

    image: ImageRef
    port: Port
    version: Version = "v1"
    replicas: Replicas = 1
    probes: ProbeSettings = ProbeSettings()
    resources: ResourceSettings = ResourceSettings()
    security: SecuritySettings = SecuritySettings()
    autoscale: AutoscaleSettings | None = None
    env: dict[str, str] = Field(default_factory=dict)
    labels: dict[str, str] = Field(default_factory=dict)
    annotations: dict[str, str] = Field(default_factory=dict)
    grace_seconds: int = Field(default=30, strict=True, ge=0, le=3600)
    """How long a pod may take to finish its requests when it is told to stop."""
    ready_seconds: ReadySeconds = 300
    """How long `up` waits for the pods to be ready before it fails."""


class VersionSettings(Settings):
    """One version of a service; what is not said here is as its workload says."""

    version: Version
    image: ImageRef
    replicas: Replicas | None = None
    env: dict[str, str] = Field(default_factory=dict)
    ready_seconds: ReadySeconds | None = None


class ExposeSettings(Settings):
    """A workload that users reach from outside, through the ingress gateway."""

    workload: K8sName
    host: Host = "*"
    paths: tuple[UrlPath, ...] = ("/",)
    """Path prefixes that go to the workload."""


class AppSettings(Settings):
    """One namespace of services. `kind: bookinfo` brings its own workloads, `kind: services` lists them."""

    kind: Literal["bookinfo", "services"] = "services"
    namespace: K8sName
    install: Switch = True
    """False when another stack set the app up: its services are known here, and none of them is created."""
    sidecars: Sidecars = True
    """Which pods get a sidecar of the mesh: all of the namespace (true), none (false), or those of named workloads."""
    workloads: dict[K8sName, WorkloadSettings] = Field(default_factory=dict)
    expose: ExposeSettings | None = None
    released_elsewhere: tuple[K8sName, ...] = ()
    """Workloads whose Deployments a release in another stack creates: here only their Service is."""
    versions: dict[K8sName, VersionSettings] = Field(default_factory=dict)
    """Bookinfo only: workloads that run another version than v1 when no release looks after them."""
    client: Switch = False
    """Bookinfo only: a pod with a sidecar from which requests can be sent by hand."""
    image_repository: str = "docker.io/istio"
    image_tag: str = "1.20.3"
    """Bookinfo only: where its images come from, and their tag."""

    @property
    def exposed_paths(self) -> tuple[str, ...]:
        """The prefixes that the gateway lets through; none for an app that is not exposed."""
        if self.expose is None:
            return ()
        whole = self.kind == "bookinfo" and self.expose.paths == ("/",)
        return BOOKINFO_PATHS if whole else self.expose.paths

    @property
    def workload_names(self) -> tuple[str, ...]:
        """The services of the app, each with one workload behind it."""
        return BOOKINFO_WORKLOADS if self.kind == "bookinfo" else tuple(self.workloads)

    @property
    def pod_names(self) -> tuple[str, ...]:
        """Everything that runs: the workloads, and the client pod."""
        return (*self.workload_names, CLIENT) if self.client else self.workload_names

    def callers_of(self, service: str) -> tuple[str, ...]:
        """The workloads of the app that ask `service`; of services of your own, any other one may."""
        if self.kind == "bookinfo":
            return BOOKINFO_CALLERS.get(service, ())
        return tuple(name for name in self.workload_names if name != service)

    def contradictions(self) -> list[Problem]:
        """Bookinfo brings its workloads and has keys of its own; an app of services lists its workloads."""
        if self.kind == "bookinfo":
            hint = "give your services an app of their own"
            return (
                [Problem("workloads", "", "bookinfo brings its own workloads", hint)]
                if self.workloads
                else []
            )
        problems = [
            Problem(key, "", "only the app bookinfo has it", "leave it out")
            for key in BOOKINFO_ONLY
            if key in self.model_fields_set
        ]
        if not self.workloads:
            hint = "list at least one: workloads: {cart: {image: ..., port: 8080}}"
            problems.append(Problem("workloads", "", "an app of services needs some", hint))
        return problems
