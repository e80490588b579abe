"""What namespaces and pods carry so that the mesh gives them a sidecar, and restarts them exactly when that changes.

A sidecar comes with a pod and goes with it, so a pod template has to differ when, and only when, injection does.
A namespace keeps one way of saying it all its life (decision 0013): in `Marking.WITH`, pods that have a sidecar
carry the label for it and the others none; in `Marking.WITHOUT`, which namespaces have that an earlier version of
this program labelled, its unmarked pods have one, and those without say so.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from mesh_canary.release.trust import Trust
from mesh_canary.routing.route import Manifest
from mesh_canary.settings import AppSettings, IstioSettings, LinkerdSettings, MeshSettings
from mesh_canary.settings.sidecars import INJECT, LINKERD_INJECT, has_sidecar
from mesh_canary.workloads.linkerd import TRUST
from mesh_canary.workloads.manifests import make_namespace

INJECTION = "istio-injection"
"""Label of a namespace whose pods all get a sidecar, unless their own label says otherwise."""
NOTE = "mesh-canary/sidecars"
"""Annotation of a namespace: its marking, where that cannot be seen from its label."""
OPAQUE = "config.linkerd.io/opaque-ports"
"""Annotation of pods for their own proxy, and of their Service for the proxies of callers."""


class Marking(StrEnum):
    """Which pods of a namespace say whether they have a sidecar."""

    WITH = "with"
    WITHOUT = "without"
    ELSEWHERE = "elsewhere"
    """The namespace is another stack's: only what is chosen by name says so."""


def marking_of(metadata: Mapping[str, Any] | None) -> Marking:
    """The marking of a namespace as the state last saw it; of one that it does not know, the usual one."""
    labels = (metadata or {}).get("labels") or {}
    note = ((metadata or {}).get("annotations") or {}).get(NOTE)
    if note in (Marking.WITH, Marking.WITHOUT):
        return Marking(note)
    return Marking.WITHOUT if labels.get(INJECTION) == "enabled" else Marking.WITH


def make_app_namespace(mesh: MeshSettings | None, app: AppSettings, marking: Marking) -> Manifest:
    """The namespace of an app, labelled where the mesh is to give its pods a sidecar.

    Label and note are one write: a run that is killed leaves both or neither.
    """
    labelled = whole = _all(mesh, app)
    if marking is Marking.WITHOUT:
        labelled = whole or any(_by_istio(mesh, app, name) for name in app.pod_names)
    told = labelled == (marking is Marking.WITH)
    namespace = make_namespace(app.namespace, sidecars=labelled)
    annotations = {NOTE: str(marking)} if told else {}
    if isinstance(mesh, LinkerdSettings) and app.sidecars is True:
        annotations[LINKERD_INJECT] = "enabled"
    if annotations:
        namespace["metadata"]["annotations"] = annotations
    return namespace


def mark_of(
    mesh: MeshSettings | None, app: AppSettings, workload: str, marking: Marking
) -> dict[str, str]:
    """The label that pods of `workload` carry for Istio; empty where the marking needs none."""
    wanted = _by_istio(mesh, app, workload)
    match marking:
        case Marking.WITH:
            return {INJECT: "true"} if wanted else {}
        case Marking.WITHOUT:
            return {} if wanted else {INJECT: "false"}
        case Marking.ELSEWHERE:
            chosen = isinstance(app.sidecars, tuple) and wanted
            return {INJECT: "true"} if chosen else {}


def annotations_of(mesh: MeshSettings | None, app: AppSettings, workload: str) -> dict[str, str]:
    """What pods of `workload` carry for Linkerd: every pod that gets a proxy says so, and what its proxy trusts.

    Where another stack installs Linkerd, what proxies trust is not known here, and its pods are restarted by hand.
    """
    if not isinstance(mesh, LinkerdSettings) or not has_sidecar(mesh, app, workload):
        return {}
    trust = {TRUST: Trust.of(mesh).mark} if mesh.install else {}
    return {LINKERD_INJECT: "enabled", **trust}


def opaque_ports(ports: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The annotation that has Linkerd pass bytes on: for ports of a Service, or of a container, that are called tcp-...

    Otherwise its proxy waits for the first bytes of a connection to learn the protocol, up to ten seconds where the
    server speaks first. Source: Linkerd, protocol detection; it knows 25, 587, 3306, 4444, 5432 and some by itself.
    """
    numbers = [
        str(port.get("containerPort") or port["port"])
        for port in ports
        if port["name"].partition("-")[0] == "tcp"
    ]
    return {OPAQUE: ",".join(numbers)} if numbers else {}


def _by_istio(mesh: MeshSettings | None, app: AppSettings, workload: str) -> bool:
    return isinstance(mesh, IstioSettings) and has_sidecar(mesh, app, workload)


def _all(mesh: MeshSettings | None, app: AppSettings) -> bool:
    """Whether the whole namespace is in the mesh."""
    return app.sidecars is True and mesh is not None and mesh.kind == "istio"
