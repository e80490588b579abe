"""What watches the mesh: Prometheus, Grafana, Kiali and one tracing back end, each switched on by its entry.

None is reachable from outside unless its entry says `expose: true`: Prometheus, Zipkin and Jaeger ask nobody for a
password. Images are pinned to versions that go with Istio 1.31. Source: samples/addons of Istio 1.31.1 (Prometheus,
Grafana, Kiali, Jaeger); Zipkin's chart 0.4.0.
"""

from collections import Counter
from typing import Any, Literal

from pydantic import Field, model_validator

from mesh_canary.settings.fields import (
    DomainName,
    ImageRef,
    K8sName,
    Password,
    Settings,
    SigningKey,
    Switch,
)
from mesh_canary.settings.problems import Problem
from mesh_canary.settings.workloads import ResourceSettings

TRACING_IMAGES = {
    "zipkin": "docker.io/openzipkin/zipkin-slim:3.5.1",
    "jaeger": "docker.io/jaegertracing/jaeger:2.17.0",
}
"""The image of a tracing back end whose entry names none."""


class AddonSettings(Settings):
    """What every add-on has: an image, a size, and whether the ingress gateway leads to it."""

    image: ImageRef
    expose: Switch = False
    """True gives it a host of its own on the ingress gateway, with HTTPS as the gateway has it."""
    host: DomainName | None = None
    """By default the add-on's name in front of `addons.domain`."""
    resources: ResourceSettings = ResourceSettings()


class PrometheusSettings(AddonSettings):
    """Collects the figures of proxies, istiod and annotated pods; keeps them as long as its pod lives."""

    image: ImageRef = "docker.io/prom/prometheus:v3.10.0"
    scrape_seconds: int = Field(default=15, strict=True, ge=1, le=300)
    """How often figures are read. A share is known after two readings: a short time suits releases."""
    retention_hours: int = Field(default=360, strict=True, ge=1, le=8760)
    resources: ResourceSettings = ResourceSettings(
        cpu_request="100m", memory_request="256Mi", memory_limit="1Gi"
    )


class GrafanaSettings(AddonSettings):
    """Shows what Prometheus knows; nobody gets in without the password."""

    image: ImageRef = "docker.io/grafana/grafana:12.0.1"
    admin_password: Password
    """Of the user `admin`; belongs into the stack file as a secret."""
    resources: ResourceSettings = ResourceSettings(memory_request="128Mi", memory_limit="512Mi")


class KialiSettings(AddonSettings):
    """Draws the mesh. It changes nothing: routes belong to the stack file."""

    image: ImageRef = "quay.io/kiali/kiali:v2.31.0"
    signing_key: SigningKey
    """Signs the sessions of its users; belongs into the stack file as a secret."""
    auth: Literal["token", "anonymous"] = "token"
    """`token` asks for a token of a service account; `anonymous` lets everybody look who reaches it."""
    resources: ResourceSettings = ResourceSettings(
        cpu_request="10m", memory_request="128Mi", memory_limit="1Gi"
    )


class TracingSettings(AddonSettings):
    """Keeps the newest traces in memory. How many requests are traced is `mesh.trace_sampling_percent`."""

    kind: Literal["zipkin", "jaeger"] = "zipkin"
    image: ImageRef = ""
    resources: ResourceSettings = ResourceSettings(
        cpu_request="50m", memory_request="256Mi", memory_limit="1Gi"
    )

    @model_validator(mode="before")
    @classmethod
    def _with_image(cls, raw: Any) -> Any:
        """The image of the back end that is chosen, where none is named."""
        if not isinstance(raw, dict) or "image" in raw:
            return raw
        kind = raw.get("kind", "zipkin")
        image = TRACING_IMAGES.get(kind) if isinstance(kind, str) else None
        return {**raw, "image": image or TRACING_IMAGES["zipkin"]}


class AddonsSettings(Settings):
    """The add-ons of a stack, in a namespace of their own without sidecars."""

    namespace: K8sName = "mesh-addons"
    domain: DomainName | None = None
    """What the hosts of exposed add-ons end in: demo.example makes grafana.demo.example."""
    prometheus: PrometheusSettings | None = None
    grafana: GrafanaSettings | None = None
    kiali: KialiSettings | None = None
    tracing: TracingSettings | None = None

    @property
    def switched_on(self) -> dict[str, AddonSettings]:
        """The add-ons that have an entry, by name."""
        every = {name: getattr(self, name) for name in ADDONS}
        return {name: addon for name, addon in every.items() if addon is not None}

    @property
    def hosts(self) -> dict[str, str]:
        """The host of every add-on that is exposed and has one."""
        return {
            name: host
            for name, addon in self.switched_on.items()
            if addon.expose
            and (host := addon.host or (f"{name}.{self.domain}" if self.domain else ""))
        }

    @model_validator(mode="before")
    @classmethod
    def _empty_entries_count(cls, raw: Any) -> Any:
        """`prometheus:` with nothing below it switches Prometheus on, as `prometheus: {}` does."""
        if not isinstance(raw, dict):
            return raw
        return {k: {} if k in ADDONS and v is None else v for k, v in raw.items()}

    def contradictions(self) -> list[Problem]:
        """What is exposed has a host of its own; what shows figures has figures."""
        return [*self._without_host(), *self._hosts_given_twice(), *self._without_figures()]

    def _without_host(self) -> list[Problem]:
        rule = "there is no host to expose it on"
        return [
            Problem(
                f"{name}.expose",
                "true",
                rule,
                f"set addons.domain (then it is {name}.<domain>), or addons.{name}.host",
            )
            for name, addon in self.switched_on.items()
            if addon.expose and name not in self.hosts
        ]

    def _hosts_given_twice(self) -> list[Problem]:
        counts = Counter(self.hosts.values())
        return [
            Problem(
                f"{name}.host",
                host,
                f"the host of {_others(self.hosts, name)} as well",
                "give each a host of its own",
            )
            for name, host in self.hosts.items()
            if counts[host] > 1
        ]

    def _without_figures(self) -> list[Problem]:
        if self.prometheus is not None:
            return []
        hint = "switch Prometheus on (addons.prometheus: {}), or leave it out"
        return [
            Problem(name, "", "what it shows comes from Prometheus, which is not switched on", hint)
            for name in ("grafana", "kiali")
            if name in self.switched_on
        ]


ADDONS = ("prometheus", "grafana", "kiali", "tracing")


def _others(hosts: dict[str, str], name: str) -> str:
    return " and ".join(other for other in hosts if other != name and hosts[other] == hosts[name])
