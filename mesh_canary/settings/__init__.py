"""What an operator may write in a stack file, as frozen models that cannot hold a contradiction."""

from mesh_canary.settings.addons import AddonsSettings
from mesh_canary.settings.apps import AppSettings, ExposeSettings
from mesh_canary.settings.cluster import ClusterSettings
from mesh_canary.settings.faults import FaultSettings
from mesh_canary.settings.gateway import EgressGatewaySettings, GatewaySettings, HttpsSettings
from mesh_canary.settings.linkerd import LinkerdSettings
from mesh_canary.settings.load_tests import LoadTestSettings
from mesh_canary.settings.mesh import IstioSettings, MeshSettings, NoMeshSettings
from mesh_canary.settings.problems import Problem, explain_problems
from mesh_canary.settings.release import ReleaseSettings, RetrySettings, Stage
from mesh_canary.settings.stack import StackSettings, read_settings
from mesh_canary.settings.workloads import VersionSettings, WorkloadSettings

__all__ = [
    "AddonsSettings",
    "AppSettings",
    "ClusterSettings",
    "EgressGatewaySettings",
    "ExposeSettings",
    "FaultSettings",
    "GatewaySettings",
    "HttpsSettings",
    "IstioSettings",
    "LinkerdSettings",
    "LoadTestSettings",
    "MeshSettings",
    "NoMeshSettings",
    "Problem",
    "ReleaseSettings",
    "RetrySettings",
    "StackSettings",
    "Stage",
    "VersionSettings",
    "WorkloadSettings",
    "explain_problems",
    "read_settings",
]
