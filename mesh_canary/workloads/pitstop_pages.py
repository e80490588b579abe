"""Where the pages of Pitstop are found: addresses, and the commands that lead to them from outside the cluster."""

from collections.abc import Mapping

from mesh_canary.settings import AppSettings, WorkloadSettings

PAGES = {
    "webapp": "/",
    "logserver": "/",
    "mailserver": "/",
    "rabbitmq": "/",
    "customermanagementapi": "/swagger",
    "vehiclemanagementapi": "/swagger",
    "workshopmanagementapi": "/swagger",
}
"""What can be looked at in a browser, and where it begins."""
INSIDE = "ClusterIP"


def explain_pages(
    app: AppSettings, workloads: Mapping[str, WorkloadSettings], context: str
) -> dict[str, str]:
    """How each page is reached, in words that can be typed."""
    return {
        name: _explain(app, name, workloads[name], path, context) for name, path in PAGES.items()
    }


def _explain(
    app: AppSettings, name: str, workload: WorkloadSettings, path: str, context: str
) -> str:
    port = workload.first_port.port if workload.first_port else 0
    kubectl = f"kubectl --context {context} -n {app.namespace}"
    if app.expose and app.expose.workload == name:
        host = "any host" if app.expose.host == "*" else app.expose.host
        return f"through the gateway (output `gateway`) as {host}, {path}"
    if workload.service_type != INSIDE:
        return f"port {port}, {path}, at the address of: {kubectl} get service {name}"
    return f"http://localhost:{port}{path} after: {kubectl} port-forward service/{name} {port}"
