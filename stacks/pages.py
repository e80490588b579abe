"""What the stack's outputs say of how pages are reached, and what a preview says of data that goes with an app."""

import pulumi

from mesh_canary.settings import StackSettings
from mesh_canary.workloads.pitstop_pages import explain_pages
from stacks.records import State
from stacks.translation import workloads_of
from stacks.without_mesh import explain_exposed


def tell_pages(settings: StackSettings) -> dict[str, dict[str, str]]:
    """By app and workload: how a page is reached; of Pitstop all of them, else what its Service exposes."""
    context = settings.cluster.context
    pages = {
        name: {
            **(explain_pages(app, workloads_of(app), context) if app.kind == "pitstop" else {}),
            **explain_exposed(settings, app),
        }
        for name, app in settings.apps.items()
        if app.created
    }
    return {name: found for name, found in pages.items() if found}


def tell_kept(settings: StackSettings, state: State) -> None:
    """A preview warns of data that was to be kept and goes, because its app is switched off or taken out."""
    namespaces = {app.namespace for app in settings.apps.values() if app.created}
    gone = {namespace for namespace in _namespaces_with_data(state) if namespace not in namespaces}
    for namespace in sorted(gone) if pulumi.runtime.is_dry_run() else ():
        claims = ", ".join(kept_data(state, namespace))
        pulumi.log.warn(f"the app in namespace {namespace} goes, and with it the data in {claims}")


def kept_data(state: State, namespace: str) -> list[str]:
    """The names of the claims that the state has in a namespace."""
    return sorted(str(name) for place, name in _claims(state) if place == namespace)


def _namespaces_with_data(state: State) -> set[str]:
    return {namespace for namespace, _ in _claims(state)}


def _claims(state: State) -> list[tuple[str, str]]:
    found = [r["outputs"] for r in state.values() if r["type"].endswith(":PersistentVolumeClaim")]
    metadata = [outputs.get("metadata") or {} for outputs in found]
    return [(str(m.get("namespace")), str(m.get("name"))) for m in metadata]
