"""The parts of a stack, as the rules between them are asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mesh_canary.settings.addons import AddonsSettings
from mesh_canary.settings.apps import AppSettings
from mesh_canary.settings.cluster import GatewaySettings
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
    """Of: mesh, gateway, addons, apps, releases."""
    addons: AddonsSettings | None = None


Rules = tuple[tuple[frozenset[str], Callable[[Parts], list[Problem]]], ...]
"""The parts that a rule has to know completely, and the rule."""
