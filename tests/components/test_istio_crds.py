"""Istio's CRDs: kept by the chart, or objects of the stack that go with the mesh."""

from typing import Any

from tests.builders import stack_config
from tests.components.recorder import refused, run_program

CRD = "virtualservices.networking.istio.io"


def mesh(**changes: Any) -> dict[str, Any]:
    """A stack that installs the mesh and nothing else."""
    installed = {"kind": "istio", "install": True, "charts": "charts", **changes}
    return stack_config(mesh=installed, apps={}, releases={})


def test_the_chart_keeps_its_crds_unless_asked_otherwise() -> None:
    run = run_program(mesh())

    assert run.of_type("CustomResourceDefinition") == []
    assert run["istio-base"].inputs["values"] == {"defaultRevision": "default"}


def test_crds_that_go_with_the_mesh_are_objects_of_the_stack_and_none_of_the_charts() -> None:
    run = run_program(mesh(keep_crds=False))
    (crd,) = run.of_type("CustomResourceDefinition")

    assert crd.name == CRD
    assert "helm.sh/resource-policy" not in crd.inputs["metadata"]["annotations"]
    assert run["istio-base"].inputs["values"]["base"] == {"excludedCRDs": [CRD]}


def test_crds_are_there_before_istiod_and_go_after_it() -> None:
    run = run_program(mesh(keep_crds=False))

    assert run.done.index(run[CRD].urn) < run.done.index(run["istio-base"].urn)
    assert run[CRD].urn in run["istio-base"].dependencies


def test_crds_of_the_stack_are_not_handed_back_to_the_chart() -> None:
    """Pulumi would delete them, and the cluster every route with them."""
    before = run_program(mesh(keep_crds=False))
    message, run = refused(mesh(), before)

    assert "mesh.keep_crds - 1 CRDs are this stack's own" in message
    assert run.resources == []


def test_crds_of_the_stack_do_not_go_while_another_stack_is_to_have_the_mesh() -> None:
    before = run_program(mesh(keep_crds=False))
    message, run = refused(mesh(install=False), before)

    assert "mesh.keep_crds - 1 CRDs" in message
    assert run.resources == []


def test_a_mesh_whose_crds_the_chart_keeps_may_own_them_from_now_on() -> None:
    before = run_program(mesh())

    assert refused(mesh(keep_crds=False), before)[0] == ""
