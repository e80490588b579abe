"""Which pods have a sidecar of the mesh: everybody's in a namespace, nobody's, or those of chosen workloads.

What pods and namespaces carry so that the mesh sees to it is decided in `mesh_canary.workloads.sidecars`.
"""

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import PlainValidator

from mesh_canary.settings.problems import Contradiction, Problem

if TYPE_CHECKING:
    from mesh_canary.settings.apps import AppSettings
    from mesh_canary.settings.mesh import MeshSettings

INJECT = "sidecar.istio.io/inject"
"""Label of a pod that decides for it alone, whatever its namespace says. Source: Istio 1.31, sidecar injection.

The annotation of the same name is deprecated; an operator may still have it on a workload.
"""
LINKERD_INJECT = "linkerd.io/inject"
"""Annotation of a pod or a namespace: Linkerd puts its proxy there. Source: Linkerd, automatic proxy injection."""
INJECTED = ("true", "enabled", "ingress")
"""The values that ask for a proxy, of Istio and of Linkerd."""


def _read(value: Any) -> bool | tuple[str, ...]:
    """`value` as it stands in a stack file, without pydantic's words for one of several types."""
    if isinstance(value, bool):
        return value
    if isinstance(value, list | tuple) and value and all(isinstance(name, str) for name in value):
        return tuple(value)
    rule = "has to be true (the whole namespace), false (nobody) or a list of workloads"
    raise Contradiction(Problem("", "", rule, "for example sidecars: [productpage]"))


Sidecars = Annotated[bool | tuple[str, ...], PlainValidator(_read)]
"""The whole namespace, nobody, or the workloads that are named."""


def has_sidecar(mesh: "MeshSettings | None", app: "AppSettings", workload: str) -> bool:
    """Whether pods of `workload` have a sidecar: the mesh injects them, the app asks for it, its labels allow it."""
    if mesh is None or mesh.kind == "none":
        return False
    asked = workload in app.sidecars if isinstance(app.sidecars, tuple) else app.sidecars
    own = said_by_hand(app, workload, LINKERD_INJECT if mesh.kind == "linkerd" else INJECT)
    return asked if own is None else own in INJECTED


def said_by_hand(app: "AppSettings", workload: str, inject: str) -> str | None:
    """What the operator's own label, or annotation, of a workload says of injection; None where it says nothing."""
    settings = app.workloads.get(workload)
    if settings is None:
        return None
    return settings.labels.get(inject, settings.annotations.get(inject))


def explain_bypass(mesh: "MeshSettings | None", app: "AppSettings", service: str) -> str:
    """Who asks `service` past its route, in words; empty where every caller that is known has a sidecar."""
    without = [name for name in app.callers_of(service) if not has_sidecar(mesh, app, name)]
    if not without:
        return ""
    verb, owner = ("has", "it asks") if len(without) == 1 else ("have", "they ask")
    return (
        f"{', '.join(without)} {verb} no sidecar: what {owner} of {service} goes past its route,"
        " to any version that runs, a dark one too"
    )
