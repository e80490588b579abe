"""A container's probes from what the stack file asks."""

from mesh_canary.routing.route import Manifest
from mesh_canary.settings import WorkloadSettings
from mesh_canary.settings.probes import Check, CheckSettings, ProbeSettings


def make_probes(workload: WorkloadSettings) -> Manifest:
    """The probes that are asked, by their key in a container."""
    probes = workload.probes
    asked = {
        "readinessProbe": probes.readiness,
        "livenessProbe": probes.liveness,
        "startupProbe": probes.startup,
    }
    first = workload.first_port.container_port if workload.first_port else 0
    return {key: _make_probe(check, probes, first) for key, check in asked.items() if check}


def _make_probe(check: Check, probes: ProbeSettings, first_port: int) -> Manifest:
    if isinstance(check, str):
        check = CheckSettings(path=check)
    probe: Manifest = {
        **_make_question(check, first_port),
        "periodSeconds": check.period_seconds or probes.period_seconds,
        "failureThreshold": check.failure_threshold or probes.failure_threshold,
    }
    return {**probe, "timeoutSeconds": check.timeout_seconds} if check.timeout_seconds else probe


def _make_question(check: CheckSettings, first_port: int) -> Manifest:
    if check.tcp_port:
        return {"tcpSocket": {"port": check.tcp_port}}
    if check.command:
        return {"exec": {"command": list(check.command)}}
    return {"httpGet": {"path": check.path, "port": check.port or first_port}}
