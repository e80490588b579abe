"""The services of an app and the Deployments behind them, as plain manifests."""

from mesh_canary.workloads.bookinfo import bookinfo_workloads, make_client
from mesh_canary.workloads.manifests import make_namespace, make_service_account, make_workload
from mesh_canary.workloads.services import make_service
from mesh_canary.workloads.tags import with_tags
from mesh_canary.workloads.volumes import make_kept

__all__ = [
    "bookinfo_workloads",
    "make_client",
    "make_kept",
    "make_namespace",
    "make_service",
    "make_service_account",
    "make_workload",
    "with_tags",
]
