"""The services that run in the cluster: built-in apps by name, and your own with nothing but these keys."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from mesh_canary.settings.access import AccessSettings
from mesh_canary.settings.faults import FaultSettings
from mesh_canary.settings.fields import Host, K8sName, Port, Replicas, Settings, Switch, UrlPath
from mesh_canary.settings.pitstop import (
    CALLERS,
    PITSTOP_ONLY,
    PITSTOP_WORKLOADS,
    PitstopKeys,
    check_pitstop,
)
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
BOOKINFO_ONLY = ("replicas", "drain_seconds", "image_repository", "image_tag")
BUILT_IN: Mapping[str, tuple[str, ...]] = {
    "bookinfo": BOOKINFO_WORKLOADS,
    "pitstop": PITSTOP_WORKLOADS,
}
"""The workloads of the apps that bring their own."""
KINDS_OF_KEY = {
    **dict.fromkeys(("client", "versions"), ("bookinfo", "pitstop")),
    **dict.fromkeys(BOOKINFO_ONLY, ("bookinfo",)),
    **dict.fromkeys(PITSTOP_ONLY, ("pitstop",)),
}
"""Keys that only some kinds of app have."""


class ExposeSettings(Settings):
    """A workload that users reach from outside: through the ingress gateway, by its own Service, or both ways."""

    workload: K8sName
    host: Host = "*"
    paths: tuple[UrlPath, ...] = ("/",)
    """Path prefixes that go to the workload."""
    service_type: Literal["LoadBalancer", "NodePort"] = "LoadBalancer"
    """What its Service becomes: without a mesh in any case, else where this key is given."""
    port: Port = 80
    """Where users reach the Service."""

    @property
    def by_service(self) -> bool:
        """Whether the stack file asks for its own Service, gateway or not."""
        return not self.model_fields_set.isdisjoint({"service_type", "port"})


class AppSettings(PitstopKeys):
    """One namespace of services. `bookinfo` and `pitstop` bring their own workloads, `kind: services` lists them."""

    kind: Literal["bookinfo", "pitstop", "services"] = "services"
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
    """Bookinfo and Pitstop only: workloads that run another version than their own when no release looks after them."""
    replicas: Replicas = 1
    """Bookinfo only: pods of every workload."""
    drain_seconds: int | None = Field(default=None, strict=True, ge=0, le=25)
    """Bookinfo only: how long a pod that is told to stop goes on as before, for callers that have not heard of it."""
    client: Switch = False
    """Bookinfo and Pitstop only: a pod from which requests can be sent by hand."""
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
        return (
            *(
                (f"workloads.{name}.{key}", secret)
                for name, workload in self.workloads.items()
                for key, secret in workload.secrets_named
            ),
            *(
                (f"versions.{name}.secret_env.{key}", secret)
                for name, version in self.versions.items()
                for key, secret in version.secret_env.items()
            ),
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
        return BUILT_IN.get(self.kind, tuple(self.workloads))

    @property
    def pod_names(self) -> tuple[str, ...]:
        """Everything that runs: the workloads, and the client pod."""
        return (*self.workload_names, CLIENT) if self.client else self.workload_names

    def callers_of(self, service: str) -> tuple[str, ...]:
        """The workloads of the app that ask `service`; of services of your own, any other one may."""
        if self.kind != "services":
            callers = BOOKINFO_CALLERS if self.kind == "bookinfo" else CALLERS
            return callers.get(service, ())
        return tuple(name for name in self.workload_names if name != service)

    def contradictions(self) -> list[Problem]:
        """A built-in app brings its workloads and has keys of its own; an app of services lists its workloads."""
        problems = [
            Problem(key, "", f"only the app {' or '.join(kinds)} has it", "leave it out")
            for key, kinds in KINDS_OF_KEY.items()
            if self.kind not in kinds and key in self.model_fields_set
        ]
        if self.kind == "pitstop":
            problems += check_pitstop(self)
        if self.kind != "services" and self.workloads:
            hint = "give your services an app of their own"
            rule = f"{self.kind} brings its own workloads"
            problems.append(Problem("workloads", "", rule, hint))
        if self.kind == "services" and not self.workloads:
            hint = "list at least one: workloads: {cart: {image: ..., port: 8080}}"
            problems.append(Problem("workloads", "", "an app of services needs some", hint))
        return problems
