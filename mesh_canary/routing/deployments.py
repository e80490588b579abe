"""Reads Deployments of ours back: which version each of them runs, with how many pods, and whether they serve."""

from collections.abc import Iterable, Mapping
from typing import Any

from mesh_canary.release import Deployed
from mesh_canary.routing import names
from mesh_canary.routing.kubernetes import read_note

Object = Mapping[str, Any]


def read_deployed(deployments: Iterable[Object], service: str) -> tuple[Deployed, ...]:
    """The versions of `service` among `deployments`, sorted."""
    found = [
        _read(deployment, service)
        for deployment in deployments
        if (labels := deployment["metadata"]["labels"]).get("app") == service
        and "version" in labels
    ]
    return tuple(sorted(found, key=lambda version: version.version))


def _read(deployment: Object, service: str) -> Deployed:
    metadata, spec = deployment["metadata"], deployment["spec"]
    template = spec["template"]
    images = [c["image"] for c in template["spec"]["containers"] if c["name"] == service]
    serves = template.get("metadata", {}).get("labels", {}).get(names.SERVES)
    return Deployed(
        version=metadata["labels"]["version"],
        image=images[0] if images else "",
        ready=_ready(deployment.get("status", {})),
        wanted=spec.get("replicas", 1),
        joined=serves != "false",
        note=read_note(metadata.get("annotations", {}).get(names.POD_NOTE, "")),
    )


def _ready(status: Object) -> int:
    """Pods that are ready and as the Deployment wants them; older ones, on their way out, are taken off as if ready."""
    older = max(0, status.get("replicas", 0) - status.get("updatedReplicas", 0))
    return int(max(0, status.get("readyReplicas", 0) - older))
