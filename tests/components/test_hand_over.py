"""A workload changes hands without a restart: from its app to a release when one begins, and back when it goes."""

from typing import Any

import pytest

from tests.builders import release_config, stack_config
from tests.components.recorder import refused, run_program
from tests.components.run import Run

SHOP = {
    "namespace": "shop",
    "workloads": {"cart": {"image": "docker.io/team/cart:1", "port": 8080}},
}


def of_the_shop(version: str, **changes: Any) -> dict[str, Any]:
    """The shop alone on its mesh: cart at `version` without a release."""
    cart = {"image": f"docker.io/team/cart:{version}", "port": 8080, "version": version}
    return stack_config(
        apps={"shop": {**SHOP, "workloads": {"cart": cart}}}, releases={}, **changes
    )


def with_release(version: str, stage: str) -> dict[str, Any]:
    """The same shop with cart under release from `version` on."""
    release = release_config(
        namespace="shop",
        service="cart",
        stable={"version": version, "image": f"docker.io/team/cart:{version}"},
        canary={"version": "next", "image": "docker.io/team/cart:next"},
        stage=stage,
    )
    return {**of_the_shop(version), "releases": {"cart": release}}


def deployment_of(run: Run, version: str) -> Any:
    """The resource of cart's Deployment at `version`."""
    name = f"cart-{version.replace('.', '-')}"
    (found,) = [r for r in run.of_type("Deployment") if r.inputs["metadata"]["name"] == name]
    return found


def parents_of(run: Run, urn: str) -> set[str]:
    """The types of the component above, and of those before it: a child's URN has no more of them."""
    (workload,) = [r for r in run.resources if r.urn == urn]
    return {type_of(parent) for parent in (workload.parent, *workload.former_parents)}


def type_of(urn: str) -> str:
    """The type chain of a URN."""
    return urn.split("::")[2]


@pytest.mark.parametrize("version", ["v1", "1.0"])
def test_a_release_takes_over_the_deployment_that_the_app_had(version: str) -> None:
    before = run_program(of_the_shop(version))
    after = run_program(with_release(version, "dark"), before)
    old, new = deployment_of(before, version), deployment_of(after, version)
    (old_workload,) = [r for r in before.resources if r.urn == old.parent]
    (new_workload,) = [r for r in after.resources if r.urn == new.parent]

    assert new.inputs == old.inputs
    assert (new.name, new_workload.name) == (old.name, old_workload.name)
    assert type_of(old_workload.parent) in parents_of(after, new.parent)


@pytest.mark.parametrize("version", ["v1", "1.0"])
def test_the_app_takes_it_back_when_the_release_goes(version: str) -> None:
    dark = run_program(with_release(version, "dark"))
    back = run_program(with_release(version, "rolled_back"), dark)
    gone = run_program(of_the_shop(version), back)
    old, new = deployment_of(back, version), deployment_of(gone, version)
    (old_workload,) = [r for r in back.resources if r.urn == old.parent]
    (new_workload,) = [r for r in gone.resources if r.urn == new.parent]

    assert new.inputs == old.inputs
    assert (new.name, new_workload.name) == (old.name, old_workload.name)
    assert type_of(old_workload.parent) in parents_of(gone, new.parent)


def test_a_release_that_never_came_to_its_end_is_ended_before_it_goes() -> None:
    """The first run of a release was killed or failed: what it started may still run."""
    killed = run_program(with_release("v1", "dark"))
    killed.outputs.clear()
    message, run = refused(of_the_shop("v1"), killed)
    back = run_program(with_release("v1", "rolled_back"), killed)
    gone = run_program(of_the_shop("v1"), back)
    (workload,) = [r for r in back.resources if r.urn == deployment_of(back, "v1").parent]

    assert "releases.cart - removed, and its first `up` never came to its end" in message
    assert run.resources == []
    assert type_of(workload.parent) in parents_of(gone, deployment_of(gone, "v1").parent)


def test_a_release_is_not_taken_out_while_its_canary_runs() -> None:
    """Without its route the Service would spread requests over both versions until the canary is gone."""
    dark = run_program(with_release("v1", "dark"))
    message, run = refused(of_the_shop("v1"), dark)

    assert "releases.cart" in message
    assert run.resources == []


def narrow(version: str, stage: str = "", **changes: Any) -> dict[str, Any]:
    """The shop whose Service selects one version alone, with cart under release where a stage is given."""
    config = with_release(version, stage) if stage else of_the_shop(version)
    cart = {**config["apps"]["shop"]["workloads"]["cart"], "selector": "version", **changes}
    return {**config, "apps": {"shop": {**SHOP, "workloads": {"cart": cart}}}}


def service_of(run: Run) -> Any:
    """The resource of cart's Service."""
    (found,) = [r for r in run.of_type("Service") if r.inputs["metadata"]["name"] == "cart"]
    return found


def test_a_release_takes_over_a_narrow_service_and_gives_it_back() -> None:
    alone = run_program(narrow("v1"))
    dark = run_program(narrow("v1", "dark"), alone)
    back = run_program(narrow("v1", "rolled_back"), dark)
    gone = run_program(narrow("v1"), back)
    services = [service_of(run) for run in (alone, dark, back, gone)]

    assert len({service.name for service in services}) == 1
    assert {s.inputs["spec"]["selector"]["version"] for s in services} == {"v1"}
    assert type_of(services[0].parent) in {type_of(p) for p in services[1].former_parents}
    assert type_of(services[2].parent) in {type_of(p) for p in services[3].former_parents}


def test_a_mirror_widens_the_service_between_the_canarys_pods_and_the_route() -> None:
    dark = run_program(narrow("v1", "dark"))
    config = narrow("v1", "mirror")
    config["releases"]["cart"]["mirror_percent"] = 100
    mirror = run_program(config, dark)
    service, canary = service_of(mirror), deployment_of(mirror, "next")
    (subsets,) = mirror.of_type("DestinationRule")
    done = mirror.done.index

    assert service.inputs["spec"]["selector"] == {"app": "cart"}
    assert service.hooks
    assert done(canary.urn) < done(service.urn) < done(subsets.urn)


def test_a_service_without_a_release_selects_a_version_when_its_pods_are_ready() -> None:
    """Another version without a release: the Service goes over to it when it can answer."""
    run = run_program(narrow("v2"), run_program(narrow("v1")))
    service, deployment = service_of(run), deployment_of(run, "v2")

    assert service.inputs["spec"]["selector"] == {"app": "cart", "version": "v2"}
    assert run.done.index(deployment.urn) < run.done.index(service.urn)


def test_a_service_that_selects_every_version_stays_with_its_app() -> None:
    dark = run_program(with_release("v1", "dark"))

    assert type_of(service_of(dark).parent) == "mesh-canary:index:App"
    assert service_of(dark).inputs["spec"]["selector"] == {"app": "cart"}


AUTOSCALED = {"min_replicas": 2, "max_replicas": 4}


@pytest.mark.parametrize(
    ("scaled", "left_alone"),
    [({"autoscale": AUTOSCALED}, ("spec.replicas",)), ({"replicas": 2}, ())],
)
def test_replicas_are_left_to_an_autoscaler(
    scaled: dict[str, Any], left_alone: tuple[str, ...]
) -> None:
    """To stop saying how many would set them to 1 for a moment."""
    cart = {"image": "docker.io/team/cart:v1", "port": 8080, **scaled}
    apps = {"shop": {**SHOP, "workloads": {"cart": cart}}}
    alone = run_program(stack_config(apps=apps, releases={}))
    released = run_program({**with_release("v1", "dark"), "apps": apps})

    assert [deployment_of(run, "v1").left_alone for run in (alone, released)] == [left_alone] * 2
    assert deployment_of(released, "next").left_alone == left_alone


def test_an_app_of_another_stack_is_not_created() -> None:
    """A team's stack holds its release alone: a step costs what its release costs."""
    apps = {"shop": {**SHOP, "install": False}}
    release = with_release("v1", "dark")["releases"]
    run = run_program(stack_config(apps=apps, releases=release))

    assert {r.type for r in run.resources if r.is_object} == {
        "kubernetes:apps/v1:Deployment",
        "kubernetes:networking.istio.io/v1:DestinationRule",
        "kubernetes:networking.istio.io/v1:VirtualService",
    }


def test_what_another_stack_releases_has_its_service_here_and_no_pods() -> None:
    apps = {"shop": {**SHOP, "released_elsewhere": ["cart"]}}
    run = run_program(stack_config(apps=apps, releases={}))

    assert run.of_type("Deployment") == []
    assert [r.inputs["metadata"]["name"] for r in run.of_type("Service")] == ["cart"]
