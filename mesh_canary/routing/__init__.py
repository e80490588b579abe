"""From a traffic split to the manifests of one mesh: plain dicts, one file per mesh.

`router` is the contract, `names` every name and label, `istio` the one mesh there is so far.
"""

from mesh_canary.routing.router import (
    ROUTERS,
    Exposure,
    Manifest,
    Route,
    Router,
    check_capabilities,
)

__all__ = ["ROUTERS", "Exposure", "Manifest", "Route", "Router", "check_capabilities"]
