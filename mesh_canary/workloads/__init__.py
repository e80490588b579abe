"""The services of an app and the Deployments behind them, as plain manifests."""

from mesh_canary.workloads.bookinfo import bookinfo_workloads, make_client
from mesh_canary.workloads.manifests import (
    make_namespace,
    make_service,
    make_service_account,
    make_workload,
)

__all__ = [
    "bookinfo_workloads",
    "make_client",
    "make_namespace",
    "make_service",
    "make_service_account",
    "make_workload",
]
