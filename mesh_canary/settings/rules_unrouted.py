"""Versions that run without a request are kept from it by a route: without a mesh there is none."""

from mesh_canary.settings.mesh import NoMeshSettings
from mesh_canary.settings.parts import Parts, Rules
from mesh_canary.settings.problems import Problem


def check_route_for_unrouted(parts: Parts) -> list[Problem]:
    """Ready pods behind a Service get requests, unless proxies know better."""
    if not isinstance(parts.mesh, NoMeshSettings):
        return []
    rule = "without a mesh, only the canary at dark runs without a request"
    hint = "leave it out; or release on Istio, where a route keeps requests from it"
    return [
        Problem(f"releases.{name}.unrouted", "", rule, hint)
        for name, release in parts.releases.items()
        if release.unrouted
    ]


RULES: Rules = ((frozenset({"mesh"}), check_route_for_unrouted),)
