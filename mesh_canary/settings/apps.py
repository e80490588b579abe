"""The services that run in the cluster: built-in apps by name, and your own with nothing but these keys."""

from typing import Literal

from pydantic import Field

from mesh_canary.settings.access import AccessSettings
from mesh_canary.settings.faults import FaultSettings
from mesh_canary.settings.fields import Host, K8sName, Port, Replicas, Settings, Switch, UrlPath
from mesh_canary.settings.problems import Problem
from mesh_canary.settings.sidecars import Sidecars
from mesh_canary.settings.workloads import VersionSettings, WorkloadSettings

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
BOOKINFO_ONLY = ("client", "replicas", "versions", "image_repository", "image_tag")


class ExposeSettings(Settings):
    """A workload that users reach from outside: through the ingress gateway, or without a mesh by its Service."""

    workload: K8sName
    host: Host = "*"
    paths: tuple[UrlPath, ...] = ("/",)
    """Path prefixes that go to the workload."""
    service_type: Literal["LoadBalancer", "NodePort"] = "LoadBalancer"
    """Without a mesh: what its Service becomes."""
    port: Port = 80
    """Without a mesh: where users reach it."""


class AppSettings(Settings):
    """One namespace of services. `kind: bookinfo` brings its own workloads, `kind: services` lists them."""

    kind: Literal["bookinfo", "services"] = "services"
    namespace: K8sName
    enabled: Switch = True
    """False removes the app and keeps what it has in common with others, mesh and gateway."""
    install: Switch = True
    """False when another stack set the app up: its services are known here, and none of them is created."""
    sidecars: Sidecars = True
    """Which pods get a sidecar of the mesh: all of the namespace (true), none (false), or those of named workloads."""
    workloads: dict[K8sName, WorkloadSettings] = Field(default_factory=dict)
    expose: ExposeSettings | None = None
    released_elsewhere: tuple[K8sName, ...] = ()
    """Workloads whose Deployments a release in another stack creates: here only their Service is."""
    faults: dict[K8sName, FaultSettings] = Field(default_factory=dict)
    """By workload: what goes wrong on purpose with requests for it."""
    access: dict[K8sName, AccessSettings] = Field(default_factory=dict)
    """By workload: who may call it. One that is not named here may be called by everybody."""
    versions: dict[K8sName, VersionSettings] = Field(default_factory=dict)
    """Bookinfo only: workloads that run another version than v1 when no release looks after them."""
    replicas: Replicas = 1
    """Bookinfo only: pods of every workload."""
    client: Switch = False
    """Bookinfo only: a pod with a sidecar from which requests can be sent by hand."""
    image_repository: str = "docker.io/istio"
    image_tag: str = "1.20.3"
    """Bookinfo only: where its images come from, and their tag."""

    @property
    def created(self) -> bool:
        """Whether this stack makes the app's objects."""
        return self.enabled and self.install

    def has(self, namespace: str, service: str) -> bool:
        """Whether a service is one of this app's."""
        return self.namespace == namespace and service in self.workload_names

    @property
    def secrets_named(self) -> tuple[tuple[str, str], ...]:
        """Key path within the app and name of every secret that its workloads use."""
        return tuple(
            (f"workloads.{name}.{key}", secret)
            for name, workload in self.workloads.items()
            for key, secret in workload.secrets_named
        )

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
