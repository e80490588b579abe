"""A sidecar comes and goes with a pod: templates change exactly where injection does, whatever ran before."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import a_version, release_config, stack_config
from tests.components.recorder import run_program
from tests.components.run import Run

ISTIO = {"kind": "istio", "install": False}
NONE = {"kind": "none"}
WORKLOADS = ("details", "productpage", "ratings", "reviews")
INJECT, INJECTION, NOTE = "sidecar.istio.io/inject", "istio-injection", "mesh-canary/sidecars"

Asked = tuple[dict[str, Any] | None, bool | list[str]]
"""The mesh and `sidecars` of the app."""
ASKED = st.tuples(
    st.sampled_from([None, NONE, ISTIO]),
    st.sampled_from([True, False, ["productpage"], ["productpage", "reviews"]]),
)


def config(asked: Asked, **changes: Any) -> dict[str, Any]:
    """Bookinfo with its sidecars as asked, without a release."""
    mesh, sidecars = asked
    app = {"namespace": "bookinfo", "sidecars": sidecars}
    return stack_config(mesh=mesh, apps={"bookinfo": app}, **{"releases": {}, **changes})


def namespace_of(run: Run) -> dict[str, Any]:
    """The metadata of the app's namespace."""
    (namespace,) = run.of_type("Namespace")
    metadata: dict[str, Any] = namespace.inputs["metadata"]
    return metadata


def templates_of(run: Run) -> dict[str, Any]:
    """The pod template of every Deployment by workload."""
    return {
        d.inputs["metadata"]["labels"]["app"]: d.inputs["spec"]["template"]
        for d in run.of_type("Deployment")
    }


def injected(run: Run) -> dict[str, bool]:
    """What Istio's webhook makes of each workload: the pod's label decides, else the namespace's."""
    whole = namespace_of(run)["labels"].get(INJECTION) == "enabled"
    return {
        name: {"true": True, "false": False}.get(template["metadata"]["labels"].get(INJECT), whole)
        for name, template in templates_of(run).items()
    }


def as_written_before(asked: Asked) -> Run:
    """What an earlier version of the program left: a label of the namespace, and pods that say nothing."""
    mesh, sidecars = asked
    run = run_program(config(asked))
    labels = namespace_of(run)["labels"]
    labels.pop(INJECTION, None)
    namespace_of(run).pop("annotations", None)
    if mesh == ISTIO and sidecars is True:
        labels[INJECTION] = "enabled"
    for template in templates_of(run).values():
        template["metadata"]["labels"].pop(INJECT, None)
    return run


@given(asked=ASKED)
@settings(max_examples=12, deadline=None)
def test_pods_have_a_sidecar_where_the_stack_file_asks_for_it(asked: Asked) -> None:
    mesh, sidecars = asked
    wanted = {
        name: mesh == ISTIO and (name in sidecars if isinstance(sidecars, list) else sidecars)
        for name in WORKLOADS
    }

    assert injected(run_program(config(asked))) == wanted


@given(start=st.booleans(), course=st.lists(ASKED, min_size=2, max_size=4))
@settings(max_examples=25, deadline=None)
def test_a_template_changes_when_and_only_when_injection_does(
    start: bool, course: list[Asked]
) -> None:
    """On any course, from a new stack or from one that an earlier version of the program left.

    Only apps that began without a mesh, in so many words, may lose it in so many words.
    """
    if course[0][0] != NONE or start:
        course = [(None if mesh == NONE else mesh, sidecars) for mesh, sidecars in course]
    run = as_written_before(course[0]) if start else run_program(config(course[0]))
    for asked in course[1:]:
        before, run = run, run_program(config(asked), run)
        changed = {n for n in WORKLOADS if templates_of(before)[n] != templates_of(run)[n]}
        differ = {n for n in WORKLOADS if injected(before)[n] != injected(run)[n]}

        assert changed == differ


@pytest.mark.parametrize("asked", [(ISTIO, True), (ISTIO, False), (None, True), (NONE, True)])
def test_an_upgrade_of_the_program_changes_nothing(asked: Asked) -> None:
    before = as_written_before(asked)
    after = run_program(config(asked), before)

    assert templates_of(after) == templates_of(before)
    assert namespace_of(after) == namespace_of(before)


def test_a_namespace_that_was_labelled_before_keeps_its_way_without_sidecars_too() -> None:
    """Otherwise what it says of its pods would mean something else when they are asked for again."""
    run = as_written_before((ISTIO, True))
    for asked in ((ISTIO, ["productpage"]), (ISTIO, False), (None, True), (ISTIO, True)):
        run = run_program(config(asked), run)
        wanted = asked[0] == ISTIO and asked[1]

        assert injected(run)["productpage"] == bool(wanted)
        assert (INJECTION in namespace_of(run)["labels"]) == bool(wanted)


def test_a_run_that_is_killed_behind_the_namespace_is_made_up_for() -> None:
    """The label of the namespace is there, the pods are not restarted yet."""
    plain = run_program(config((None, True)))
    whole = run_program(config((ISTIO, True)), plain)
    killed = Run(resources=[*whole.of_type("Namespace"), *plain.of_type("Deployment")])
    again = run_program(config((ISTIO, True)), killed)

    assert all(injected(again).values())
    assert templates_of(again) == templates_of(whole)


def test_the_label_of_the_namespace_is_written_before_any_pod_restarts() -> None:
    run = run_program(config((ISTIO, True)))
    order = [run.done.index(r.urn) for r in run.resources if r.type.endswith(":Deployment")]

    assert run.done.index(run.of_type("Namespace")[0].urn) < min(order)


def test_nothing_is_replaced_when_a_mesh_comes_to_running_apps() -> None:
    """Every object keeps its URN and its name; nothing that Kubernetes cannot change changes."""
    before = run_program(config((NONE, True)))
    after = run_program(config((ISTIO, True)), before)

    assert {r.urn for r in before.resources} <= {r.urn for r in after.resources}
    for deployment in before.of_type("Deployment"):
        (same,) = [r for r in after.of_type("Deployment") if r.urn == deployment.urn]
        assert same.inputs["metadata"]["name"] == deployment.inputs["metadata"]["name"]
        assert same.inputs["spec"]["selector"] == deployment.inputs["spec"]["selector"]


def test_pods_of_a_release_are_marked_as_those_of_the_app() -> None:
    """So a workload changes hands without a restart."""
    alone = run_program(config((ISTIO, True)))
    release = {"reviews": release_config(stable=a_version("v1"), canary=a_version("v2"))}
    run = run_program(config((ISTIO, True), releases=release), alone)
    templates = [d.inputs["spec"]["template"] for d in run.of_type("Deployment")]

    assert {t["metadata"]["labels"][INJECT] for t in templates} == {"true"}
    assert templates_of(alone)["reviews"] in templates


def test_in_a_namespace_of_another_stack_only_chosen_pods_say_anything() -> None:
    """True and false are what the other stack set; a list is ours to say."""

    def marks(sidecars: bool | list[str]) -> set[str | None]:
        app = {"namespace": "bookinfo", "install": False, "sidecars": sidecars}
        run = run_program(stack_config(apps={"bookinfo": app}))
        return {
            d.inputs["spec"]["template"]["metadata"]["labels"].get(INJECT)
            for d in run.of_type("Deployment")
        }

    assert marks(True) == {None}
    assert marks(["productpage"]) == {None}
    assert marks(["productpage", "reviews"]) == {"true"}


def test_the_client_pod_is_chosen_by_its_name() -> None:
    app = {"namespace": "bookinfo", "client": True, "sidecars": ["sleep"]}
    run = run_program(stack_config(mesh=ISTIO, apps={"bookinfo": app}, releases={}))

    assert [name for name, has in injected(run).items() if has] == ["sleep"]


def test_a_label_by_hand_decides_for_its_workload() -> None:
    workload = {"image": "docker.io/team/cart:1", "port": 8080}
    shop = {
        "namespace": "shop",
        "workloads": {"cart": {**workload, "labels": {INJECT: "false"}}, "till": workload},
    }
    run = run_program(stack_config(mesh=ISTIO, apps={"shop": shop}, releases={}))

    assert injected(run) == {"cart": False, "till": True}


def test_each_step_of_a_mesh_under_running_apps_restarts_the_pods_it_says() -> None:
    """Without a mesh, productpage alone, the whole namespace, and back."""
    course: list[Asked] = [
        (NONE, True),
        (ISTIO, ["productpage"]),
        (ISTIO, True),
        (ISTIO, ["productpage"]),
        (NONE, True),
    ]
    runs = [run_program(config(course[0]))]
    for asked in course[1:]:
        runs.append(run_program(config(asked), runs[-1]))
    restarted = [
        sorted(n for n in WORKLOADS if templates_of(old)[n] != templates_of(new)[n])
        for old, new in pairwise(runs)
    ]

    others = ["details", "ratings", "reviews"]
    assert restarted == [["productpage"], others, others, ["productpage"]]
