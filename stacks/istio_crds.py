"""Istio's CRDs as objects of the stack, for a mesh that leaves none behind.

Istio's chart `base` marks them `helm.sh/resource-policy: keep`: Helm never deletes them, since with a CRD goes every
object of its kind in the cluster. `mesh.keep_crds: false` asks for that: the chart is rendered here, its CRDs become
objects of ours without the mark, and the chart is installed without them (`base.excludedCRDs`; to switch
`base.enableCRDTemplates` off would install them all the same, as a plain file. Istio 1.31).
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

import pulumi
import pulumi_kubernetes as k8s

from components.kubernetes_object import PROVIDER_VERSION
from mesh_canary.routing import Manifest, names
from mesh_canary.settings import IstioSettings, Problem, StackSettings
from stacks.records import State
from stacks.translation import chart_source

KEEP = "helm.sh/resource-policy"
KIND = "CustomResourceDefinition"
CHART = "base"


def istio_crds(mesh: IstioSettings, provider: k8s.Provider) -> list[Manifest]:
    """The CRDs that the stack owns: none where the chart keeps them."""
    if mesh.keep_crds:
        return []
    source = chart_source(mesh)
    chart: dict[str, Any] = {"release_name": CHART, "namespace": mesh.namespace}
    if "charts" in source:
        chart["path"] = f"{source['charts']}/{CHART}"
    else:
        fetched = {"repo": source["repository"], "version": source["version"]}
        chart |= {"chart": CHART, "version": source["version"], "fetch_opts": fetched}
    options = pulumi.InvokeOptions(provider=provider, version=PROVIDER_VERSION)
    # The function behind pulumi_kubernetes' own Chart: a list of rendered manifests.
    answer = pulumi.runtime.invoke(
        "kubernetes:helm:template", {"jsonOpts": json.dumps(chart)}, options
    )
    rendered = (answer.value or {}).get("result", [])
    return [_owned(manifest) for manifest in rendered if manifest["kind"] == KIND]


def base_values(crds: Iterable[Manifest]) -> dict[str, Any]:
    """The values of the chart `base`, which leaves out what the stack owns."""
    values: dict[str, Any] = {"defaultRevision": "default"}
    if excluded := sorted(crd["metadata"]["name"] for crd in crds):
        values["base"] = {"excludedCRDs": excluded}
    return values


def check_crds_stay(settings: StackSettings, state: State) -> list[Problem]:
    """A mesh that owns its CRDs does not hand them to the chart: they would be deleted first, and every route too."""
    mesh = settings.mesh
    mine = sorted(_crds_in(state))
    goes_on = isinstance(mesh, IstioSettings) and (mesh.keep_crds or not mesh.install)
    if not mine or not goes_on:
        return []
    forget = "; ".join(f"pulumi state delete '{urn}'" for urn in mine[:1])
    rule = f"{len(mine)} CRDs are this stack's own; left out here they would be deleted, with every route"
    hint = (
        "keep install: true and keep_crds: false;"
        f" or let each go untouched, then label it for Helm: {forget} (and so on)"
    )
    return [Problem("mesh.keep_crds", "", rule, hint)]


def _crds_in(state: State) -> Iterator[str]:
    return (
        urn
        for urn, resource in state.items()
        if resource["type"].endswith(f":{KIND}") and "IstioMesh$" in urn
    )


def _owned(manifest: Manifest) -> Manifest:
    """A CRD without the mark that keeps it, and one that our write wins over the chart's."""
    metadata = manifest["metadata"]
    said = {key: value for key, value in metadata.get("annotations", {}).items() if key != KEEP}
    annotations = {**said, **names.TAKE_OVER}
    return {**manifest, "metadata": {**metadata, "annotations": annotations}}
