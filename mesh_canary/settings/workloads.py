"""One service and the Deployment behind it: what runs, where it listens, what it may do and use."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from mesh_canary.settings.fields import (
    ADDRESS,
    ENV_NAME,
    ImageRef,
    K8sName,
    Percent,
    Port,
    Quantity,
    ReadySeconds,
    Replicas,
    SecretName,
    Settings,
    Switch,
    Version,
)
from mesh_canary.settings.ports import HTTP, HTTP_NAMES, PortName, PortSettings, ServiceType
from mesh_canary.settings.probes import Check, ProbeSettings
from mesh_canary.settings.problems import Problem
from mesh_canary.settings.volumes import VolumeSettings

EnvName = Annotated[str, StringConstraints(pattern=ENV_NAME)]
Address = Annotated[str, StringConstraints(pattern=ADDRESS)]
PullPolicy = Literal["Always", "IfNotPresent", "Never"]


class ResourceSettings(Settings):
    """What one pod asks for and may use at most."""

    cpu_request: Quantity = "50m"
    memory_request: Quantity = "64Mi"
    cpu_limit: Quantity | None = None
    memory_limit: Quantity | None = "256Mi"


class SecuritySettings(Settings):
    """What a pod may do; the defaults are the restricted Pod Security Standard."""

    run_as_user: int = Field(default=1000, strict=True, ge=1)
    run_as_root: Switch = False
    """For an image that only works as root: it starts as whatever user the image names."""
    fs_group: int | None = Field(default=None, strict=True, ge=1)
    """The group that owns the files of volumes."""
    capabilities: tuple[Literal["NET_BIND_SERVICE"], ...] = ()
    """What a process keeps of root's rights: NET_BIND_SERVICE lets it listen below port 1024."""
    read_only_root: Switch = False

    def contradictions(self) -> list[Problem]:
        """One user."""
        if not (self.run_as_root and "run_as_user" in self.model_fields_set):
            return []
        rule = "run_as_root starts the container as the user of its image"
        return [Problem("run_as_user", f"{self.run_as_user}", rule, "keep one of the two")]


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
    port: Port | None = None
    """The one port that it listens on, by HTTP."""
    ports: dict[PortName, PortSettings] | None = None
    """Several ports, or others than HTTP, by name; {} for a workload that nobody calls: it has no Service."""
    service_type: ServiceType = "ClusterIP"
    selector: Literal["app", "version"] = "app"
    """What the Service selects: every version, or, until a release needs both, the one that carries the requests."""
    version: Version = "v1"
    replicas: Replicas = 1
    strategy: Literal["rolling", "recreate"] = "rolling"
    """`recreate` ends the old pod before the new one starts: for what may run only once."""
    probes: ProbeSettings = ProbeSettings()
    resources: ResourceSettings = ResourceSettings()
    security: SecuritySettings = SecuritySettings()
    autoscale: AutoscaleSettings | None = None
    env: dict[str, str] = Field(default_factory=dict)
    secret_env: dict[EnvName, SecretName] = Field(default_factory=dict)
    """Environment variables with a secret of the app each (`secrets`); never in plain text in the Deployment."""
    volumes: dict[K8sName, VolumeSettings] = Field(default_factory=dict)
    wait_for: tuple[Address, ...] = ()
    """Addresses that have to accept a TCP connection before a pod starts: rabbitmq:5672."""
    wait_image: ImageRef = "docker.io/library/busybox:1.37.0"
    """The image that waits; it has `sh` and `nc`."""
    pull_policy: PullPolicy | None = None
    service_links: Switch = True
    """Whether Kubernetes adds variables for every Service of the namespace."""
    api_token: Switch = True
    """Whether a pod gets a token for the Kubernetes API."""
    labels: dict[str, str] = Field(default_factory=dict)
    annotations: dict[str, str] = Field(default_factory=dict)
    grace_seconds: int = Field(default=30, strict=True, ge=0, le=3600)
    """How long a pod may take to finish its requests when it is told to stop."""
    drain_seconds: int | None = Field(default=None, strict=True, ge=0, le=600)
    """How long a pod that is told to stop goes on as before, for callers that have not heard of it yet; part of
    `grace_seconds`. By default none with a mesh, whose proxies see to that, and 5 without."""
    ready_seconds: ReadySeconds = 300
    """How long `up` waits for the pods to be ready before it fails."""

    @property
    def listens(self) -> dict[str, PortSettings]:
        """Its ports by name, those for HTTP first: the first one is what routes and probes mean."""
        if self.port:
            return {HTTP: PortSettings(port=self.port)}
        return dict(sorted((self.ports or {}).items(), key=_http_first))

    @property
    def first_port(self) -> PortSettings | None:
        """The port that routes and probes mean; None for a workload that nobody calls."""
        return next(iter(self.listens.values()), None)

    @property
    def secrets_named(self) -> tuple[tuple[str, str], ...]:
        """Key path within the workload and name of every secret that it uses."""
        return (
            *((f"secret_env.{name}", secret) for name, secret in self.secret_env.items()),
            *(
                (f"volumes.{volume}.secret_files.{file}", secret)
                for volume, settings in self.volumes.items()
                for file, secret in settings.secret_files.items()
            ),
        )

    def contradictions(self) -> list[Problem]:
        """Ports are said once, whatever needs one has it, and a pod that stops has time left to end."""
        return [
            *_check_ports(self),
            *_check_listening(self),
            *_check_variables(self),
            *_check_drain(self),
        ]


class VersionSettings(Settings):
    """One version of a service; what is not said here is as its workload says."""

    version: Version
    image: ImageRef
    replicas: Replicas | None = None
    env: dict[str, str] = Field(default_factory=dict)
    secret_env: dict[EnvName, SecretName] = Field(default_factory=dict)
    """Variables with a secret of the app each; they win over what the workload says of them."""
    ready_seconds: ReadySeconds | None = None

    def contradictions(self) -> list[Problem]:
        """A variable has one value."""
        return check_variables_once(self.env, self.secret_env)


def _http_first(entry: tuple[str, PortSettings]) -> tuple[bool, str]:
    """Sorts by name: the order in the file is lost on its way through Pulumi."""
    name, _ = entry
    return name.partition("-")[0] not in HTTP_NAMES, name


def _check_ports(workload: WorkloadSettings) -> list[Problem]:
    if workload.port is None and workload.ports is None:
        hint = "the port that the container listens on; or ports: {} if nobody calls it"
        return [Problem("port", "", "needed here", hint)]
    if workload.port is not None and workload.ports is not None:
        hint = "keep one of the two: port for one that speaks HTTP"
        return [Problem("ports", "", "`port` says where it listens already", hint)]
    problems = []
    for numbers, word in (("port", "Service"), ("container_port", "container")):
        seen: dict[int, str] = {}
        for name, port in workload.listens.items():
            number = getattr(port, numbers)
            if seen.setdefault(number, name) != name:
                rule = f"the {word} has it as {seen[number]} already"
                problem = Problem(f"ports.{name}", f"{number}", rule, "give it another number")
                problems.append(problem)
    return problems


def _check_listening(workload: WorkloadSettings) -> list[Problem]:
    """What only a workload with ports can have."""
    problems = []
    for name, port in workload.listens.items():
        if port.node_port and workload.service_type == "ClusterIP":
            hint = "set service_type: NodePort or LoadBalancer, or leave it out"
            key = f"ports.{name}.node_port"
            problems.append(Problem(key, f"{port.node_port}", "a ClusterIP has none", hint))
    if workload.ports != {}:
        return problems
    hint = "leave it out, or say in `ports` where it listens"
    for key in ("service_type", "selector"):
        if key in workload.model_fields_set:
            rule = "nobody calls it (ports: {}), so it has no Service"
            problems.append(Problem(key, str(getattr(workload, key)), rule, hint))
    for key in ("readiness", "liveness", "startup"):
        check: Check | None = getattr(workload.probes, key)
        path = check if isinstance(check, str) else check.path if check and not check.port else None
        if path:
            rule = "it has no port to ask (ports: {})"
            problems.append(Problem(f"probes.{key}", path, rule, "ask by command, or say a port"))
    return problems


def _check_drain(workload: WorkloadSettings) -> list[Problem]:
    drain, grace = workload.drain_seconds, workload.grace_seconds
    if not drain or drain < grace:
        return []
    rule = f"a pod is killed after grace_seconds: {grace}, and has requests to finish before that"
    return [Problem("drain_seconds", f"{drain}", rule, "lower it, or raise grace_seconds")]


def check_variables_once(env: dict[str, str], secret_env: dict[str, str]) -> list[Problem]:
    """A variable is secret or in plain text."""
    return [
        Problem(f"secret_env.{name}", "", "`env` sets it as well", "keep one of the two")
        for name in secret_env
        if name in env
    ]


def _check_variables(workload: WorkloadSettings) -> list[Problem]:
    """A variable has one value, and a path one volume."""
    problems = check_variables_once(workload.env, workload.secret_env)
    mounts: dict[str, str] = {}
    for name, volume in workload.volumes.items():
        if mounts.setdefault(volume.mount, name) != name:
            rule = f"volume {mounts[volume.mount]} is mounted there already"
            problems.append(
                Problem(f"volumes.{name}.mount", volume.mount, rule, "choose another path")
            )
    return problems
