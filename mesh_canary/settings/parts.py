"""The parts of a stack, as the rules between them are asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from pydantic import SecretStr

from mesh_canary.settings.addons import AddonsSettings
from mesh_canary.settings.apps import AppSettings
from mesh_canary.settings.gateway import EgressGatewaySettings, GatewaySettings
from mesh_canary.settings.load_tests import LoadTestSettings
from mesh_canary.settings.mesh import MeshSettings
from mesh_canary.settings.problems import Problem
from mesh_canary.settings.release import ReleaseSettings


@dataclass(frozen=True)
class Parts:
    """What is known of a stack; `broken` are the parts of which some or all is not."""

    mesh: MeshSettings | None
    gateway: GatewaySettings | None
    apps: Mapping[str, AppSettings]
    releases: Mapping[str, ReleaseSettings]
    broken: frozenset[str] = frozenset()
    """Of: mesh, gateway, egress_gateway, addons, apps, releases, secrets, load_tests."""
    addons: AddonsSettings | None = None
    egress_gateway: EgressGatewaySettings | None = None
    secrets: Mapping[str, Mapping[str, SecretStr]] = field(default_factory=dict)
    """By app and name."""
    load_tests: Mapping[str, LoadTestSettings] = field(default_factory=dict)
    disabled: Mapping[str, AppSettings] = field(default_factory=dict)
    """Apps that are switched off; `apps` then has the others."""
    stranded: Mapping[str, ReleaseSettings] = field(default_factory=dict)
    """Releases of apps that are switched off; `releases` then has the others."""

    def switched(self) -> "Parts":
        """The same, with what is switched off apart: only the rules about that ask for it."""
        off = {name: app for name, app in self.apps.items() if not app.enabled}
        on = {name: app for name, app in self.apps.items() if app.enabled}
        stranded = {
            name: release
            for name, release in self.releases.items()
            if any(app.has(release.namespace, release.service) for app in off.values())
        }
        kept = {name: r for name, r in self.releases.items() if name not in stranded}
        return replace(self, apps=on, disabled=off, releases=kept, stranded=stranded)


Rules = tuple[tuple[frozenset[str], Callable[[Parts], list[Problem]]], ...]
"""The parts that a rule has to know completely, and the rule."""
