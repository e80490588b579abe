"""Linkerd: which of its charts are installed, and the names of the certificates that its proxies trust.

The certificates themselves are made once by `components/certificates.py` and kept in Pulumi's state; here they have
names only, so that renewing one and rotating another is an edit that a reviewer can read.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field

from mesh_canary.settings.charts import check_one_source
from mesh_canary.settings.fields import K8sName, Replicas, Settings, Switch, Text
from mesh_canary.settings.problems import Problem

NAMESPACE, VIZ_NAMESPACE = "linkerd", "linkerd-viz"
"""Fixed: the names of Linkerd's certificates and of its commands' defaults are made of them."""
Days = Annotated[int, Field(strict=True, ge=30, le=3650)]


class IssuerSettings(Settings):
    """The certificate that signs those of the proxies."""

    anchor: K8sName | None = None
    """Which trust anchor signs it; needed where there are several."""
    number: Annotated[int, Field(strict=True, ge=1, le=1_000_000)] = 1
    """Another number makes another certificate and key: that is how it is renewed before it expires."""
    days: Days = 365
    """How long it is valid from when it is made; counts when it is made."""


class LinkerdSettings(Settings):
    """Linkerd by its own charts, and which pods get its proxy; it splits no traffic for releases yet."""

    kind: Literal["linkerd"]
    install: Switch
    """False for a mesh that is there already: pods are marked for it, and nothing of it is set up here."""
    version: Text | None = None
    """Version of the charts in the public repository, for example 2026.8.4, which is the release edge-26.8.4."""
    charts: Text | None = None
    """Folder with linkerd-crds, linkerd-control-plane and linkerd-viz, relative to the folder of Pulumi.yaml."""
    repository: Text = "https://helm.linkerd.io/edge"
    """The open project publishes edge releases only; its repository of stable ones ends at 2.14."""
    replicas: Replicas = 1
    """Pods of each part of the control plane; from 2 on with disruption budgets, spread over nodes."""
    viz: Switch = False
    """Whether linkerd-viz is installed: the dashboard, and a Prometheus of its own."""
    install_gateway_api: Switch = False
    """Whether the CRDs of the Gateway API come with linkerd-crds; otherwise they have to be there before."""
    trust_anchors: tuple[K8sName, ...] = ("root-1",)
    """Names of the certificates that every proxy trusts; a new name makes a new one, valid for ten years."""
    issuer: IssuerSettings = IssuerSettings()
    control_plane_values: dict[str, Any] = Field(default_factory=dict)
    """Further values of the chart linkerd-control-plane; they win over ours."""
    viz_values: dict[str, Any] = Field(default_factory=dict)
    """Further values of the chart linkerd-viz."""

    @property
    def router(self) -> str:
        """Any: a release on Linkerd is refused before a router is asked (`rules_linkerd.py`)."""
        return "istio"

    @property
    def installed_namespaces(self) -> tuple[str, ...]:
        """The namespaces that this stack sets up for the mesh."""
        if not self.install:
            return ()
        return (NAMESPACE, VIZ_NAMESPACE) if self.viz else (NAMESPACE,)

    @property
    def signer(self) -> str:
        """The trust anchor that signs the issuer."""
        return self.issuer.anchor or self.trust_anchors[0]

    def contradictions(self) -> list[Problem]:
        """What is installed has a source and certificates that fit; what is not has no keys of its own."""
        if not self.install:
            return list(self._not_installed())
        source = check_one_source(self.version, self.charts)
        return [*source, *self._anchors(), *self._values_without_viz()]

    def _not_installed(self) -> Iterator[Problem]:
        rule, hint = "says how this stack installs Linkerd, and install is false", "leave it out"
        for key in ("viz", "trust_anchors", "issuer", "control_plane_values", "viz_values"):
            if key in self.model_fields_set:
                yield Problem(key, "", rule, hint)

    def _anchors(self) -> Iterator[Problem]:
        names = ", ".join(self.trust_anchors)
        if not names:
            hint = "name one: trust_anchors: [root-1]"
            yield Problem("trust_anchors", "[]", "proxies trust at least one certificate", hint)
        elif len(set(self.trust_anchors)) < len(self.trust_anchors):
            yield Problem(
                "trust_anchors", names, "a name stands here twice", "take one of them out"
            )
        elif self.issuer.anchor is None and len(self.trust_anchors) > 1:
            rule, hint = "several trust anchors, and none is said to sign it", f"one of: {names}"
            yield Problem("issuer.anchor", "", rule, hint)
        elif self.signer not in self.trust_anchors:
            rule = "not a trust anchor: no proxy would trust what it signs"
            yield Problem("issuer.anchor", self.signer, rule, f"one of: {names}")

    def _values_without_viz(self) -> Iterator[Problem]:
        if self.viz_values and not self.viz:
            hint = "set viz: true, or leave it out"
            yield Problem("viz_values", "", "linkerd-viz is not installed", hint)
