"""What every object of ours has: a name, a place, who manages it, and that our write wins."""

from typing import Any

from mesh_canary.routing import names
from mesh_canary.routing.route import Manifest


def make_object(api_version: str, kind: str, namespace: str, name: str, **content: Any) -> Manifest:
    """An object of `kind`; `content` is what stands beside its metadata: spec, data and the like."""
    metadata: Manifest = {
        "name": name,
        "namespace": namespace,
        "labels": {**names.MANAGED_BY},
        "annotations": {**names.TAKE_OVER},
    }
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **content}
