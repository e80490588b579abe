"""The Service of a workload: what it selects, and its ports, named so that a mesh learns their protocol."""

from collections.abc import Mapping

from mesh_canary.routing.route import Manifest
from mesh_canary.settings.ports import PortSettings, ServiceType
from mesh_canary.workloads.objects import make_object


def make_service(
    namespace: str,
    name: str,
    ports: Mapping[str, PortSettings],
    service_type: ServiceType = "ClusterIP",
    version: str = "",
) -> Manifest:
    """The Service of all versions, or of `version` alone."""
    spec: Manifest = {
        "selector": make_selector(name, version),
        "ports": [_make_port(port_name, port) for port_name, port in ports.items()],
    }
    if service_type != "ClusterIP":
        spec["type"] = service_type
    service = make_object("v1", "Service", namespace, name, spec=spec)
    # Readiness is awaited at the Deployments; Pulumi's own wait for a Service settles for 10 s and more.
    service["metadata"]["annotations"]["pulumi.com/skipAwait"] = "true"
    return service


def make_selector(name: str, version: str = "") -> dict[str, str]:
    """What a Service selects on: the pods of every version of `name`, or of one."""
    return {"app": name, **({"version": version} if version else {})}


def _make_port(name: str, port: PortSettings) -> Manifest:
    made = {"name": name, "port": port.port, "targetPort": port.container_port}
    return {**made, "nodePort": port.node_port} if port.node_port else made
