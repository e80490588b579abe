"""Add-ons as manifests of our own: what Prometheus, Grafana, Kiali and a tracing back end need, and no more.

Why not their charts: decision 0017. Read `addon.py` first.
"""

from mesh_canary.settings.addons import AddonsSettings
from mesh_canary.workloads.addons.addon import Addon
from mesh_canary.workloads.addons.grafana import make_grafana
from mesh_canary.workloads.addons.kiali import make_kiali
from mesh_canary.workloads.addons.prometheus import make_prometheus
from mesh_canary.workloads.addons.tracing import make_tracing

__all__ = ["Addon", "make_addons"]


def make_addons(addons: AddonsSettings, mesh_namespace: str, scheme: str) -> tuple[Addon, ...]:
    """Every add-on that is switched on. `scheme` is http or https: how users reach those that are exposed."""
    made = []
    if addons.prometheus:
        made.append(make_prometheus(addons.namespace, addons.prometheus))
    if addons.grafana:
        made.append(make_grafana(addons, addons.grafana, scheme))
    if addons.kiali:
        made.append(make_kiali(addons, addons.kiali, mesh_namespace, scheme))
    if addons.tracing:
        made.append(make_tracing(addons.namespace, addons.tracing))
    return tuple(made)
