"""What a stack without a mesh adds to an app: a label that Services select on, and pods that stop without haste.

The label is on the pod template and never in a Deployment's selector, so it can change, and restarts that
Deployment's pods when it does. The Service asks for it from the first day: a dark canary's pods are just not selected.

A pod that is told to stop leaves the endpoints at the same moment, but kube-proxy hears of that a moment later and
sends it connections until then. So it goes on as before for a while (Source: Kubernetes 1.36, Pod Lifecycle, "Pod
termination"; the preStop action `sleep` is stable since 1.34 and on by default since 1.30).
"""

from copy import deepcopy

from mesh_canary.routing import names
from mesh_canary.routing.route import Manifest
from mesh_canary.settings import WorkloadSettings
from mesh_canary.settings.ports import HTTP

DRAIN_SECONDS = 5


def drained(workload: WorkloadSettings) -> WorkloadSettings:
    """`workload` as it is without a mesh: its pods drain, unless the stack file says for how long."""
    if workload.drain_seconds is not None:
        return workload
    drain = min(DRAIN_SECONDS, max(0, workload.grace_seconds - 1))
    return workload.model_copy(update={"drain_seconds": drain})


def join(deployment: Manifest, *, joined: bool) -> Manifest:
    """`deployment` with pods that serve, or that are there and do not."""
    made = deepcopy(deployment)
    made["spec"]["template"]["metadata"]["labels"][names.SERVES] = str(joined).lower()
    return made


def select_joined(service: Manifest) -> Manifest:
    """`service` for pods that serve."""
    made = deepcopy(service)
    made["spec"]["selector"][names.SERVES] = "true"
    return made


def expose_service(service: Manifest, service_type: str, port: int) -> Manifest:
    """`service` for users: of another type, and also at `port`, which leads where its first port does."""
    made = deepcopy(service)
    made["spec"]["type"] = service_type
    ports = made["spec"]["ports"]
    if port not in {entry["port"] for entry in ports}:
        target = ports[0]["targetPort"]
        ports.append({"name": f"{HTTP}-{port}", "port": port, "targetPort": target})
    return made
