"""The program on a stack without a mesh: who is selected, which pods start anew, and in which order pods change."""

from typing import Any

import pytest

from mesh_canary.routing.names import SERVES
from tests.builders import release_config, stack_config
from tests.components.recorder import refused, run_program
from tests.components.run import RELEASE, Run
from tests.components.test_hand_over import deployment_of

CART = {"image": "docker.io/team/cart:1", "port": 8080, "version": "v1", "replicas": 3}
ISTIO = {"kind": "istio", "install": False}
STEPS = {"steps": [25, 50], "max_pods": 4}


def shop(**changes: Any) -> dict[str, Any]:
    """Three pods of cart v1, exposed, on a cluster without a mesh."""
    app = {
        "namespace": "shop",
        "workloads": {"cart": CART},
        "expose": {"workload": "cart"},
    }
    return stack_config(mesh={"kind": "none"}, apps={"shop": app}, releases={}, **changes)


def released(stage: str, **changes: Any) -> dict[str, Any]:
    """The same with cart under release from v1 to v2."""
    release = release_config(
        namespace="shop",
        service="cart",
        stable={"version": "v1", "image": "docker.io/team/cart:1"},
        canary={"version": "v2", "image": "docker.io/team/cart:2"},
        stage=stage,
        **{**STEPS, **changes},
    )
    return {**shop(), "releases": {"cart": release}}


def walked(*stages: dict[str, Any]) -> list[Run]:
    """One run after the other."""
    runs = [run_program(stages[0])]
    for config in stages[1:]:
        runs.append(run_program(config, runs[-1]))
    return runs


def pods_of(run: Run) -> dict[str, tuple[int, str]]:
    """How many pods of each version, and whether they serve."""
    return {
        m["metadata"]["labels"]["version"]: (
            m["spec"]["replicas"],
            m["spec"]["template"]["metadata"]["labels"][SERVES],
        )
        for m in run.objects("Deployment", "shop")
    }


def deployment_names(run: Run) -> list[str]:
    """The Deployments in the order in which they were written."""
    written = {r.urn: r.name for r in run.of_type("Deployment")}
    return [written[urn] for urn in run.done if urn in written]


def test_services_select_what_serves_from_the_first_day() -> None:
    run = run_program(shop())
    (service,) = run.objects("Service", "shop")

    assert service["spec"]["selector"] == {"app": "cart", SERVES: "true"}
    assert pods_of(run) == {"v1": (3, "true")}


def test_an_exposed_workload_is_reached_by_a_load_balancer_on_port_80() -> None:
    (service,) = run_program(shop()).objects("Service", "shop")

    assert service["spec"]["type"] == "LoadBalancer"
    assert [(p["port"], p["targetPort"]) for p in service["spec"]["ports"]] == [
        (8080, 8080),
        (80, 8080),
    ]


def test_the_outputs_say_how_users_reach_what_is_exposed() -> None:
    assert run_program(shop()).exports["pages"] == {
        "shop": {
            "cart": "port 80; its address is told by: kubectl --context local -n shop get service cart"
        }
    }


def test_no_route_and_no_subset_is_written() -> None:
    runs = walked(shop(), released("dark"), released("weighted", canary_weight=25))

    assert not [
        run
        for run in runs
        for _ in (*run.of_type("VirtualService"), *run.of_type("DestinationRule"))
    ]


def test_a_release_walks_up_and_back_by_pods() -> None:
    _, *runs = walked(
        shop(),
        released("dark"),
        released("weighted", canary_weight=25),
        released("weighted", canary_weight=50),
        released("promoted"),
        released("rolled_back"),
        shop(),
    )

    assert [pods_of(run) for run in runs] == [
        {"v1": (3, "true"), "v2": (1, "false")},
        {"v1": (3, "true"), "v2": (1, "true")},
        {"v1": (2, "true"), "v2": (2, "true")},
        {"v1": (0, "true"), "v2": (3, "true")},
        {"v1": (3, "true")},
        {"v1": (3, "true")},
    ]


@pytest.mark.parametrize(
    ("before", "after", "order"),
    [
        ("dark", released("weighted", canary_weight=25), ["v1", "v2"]),
        ("dark", released("weighted", canary_weight=50), ["v2", "v1"]),
        ("dark", released("rolled_back"), ["v1"]),
    ],
)
def test_who_loses_pods_is_written_last(
    before: str, after: dict[str, Any], order: list[str]
) -> None:
    steps = {"steps": [after["releases"]["cart"].get("canary_weight", 25), 75]}
    after["releases"]["cart"] |= steps
    *_, run = walked(shop(), released(before, **steps), after)

    assert deployment_names(run) == [f"shop-cart-{version}-deployment" for version in order]


def test_an_app_hands_its_pods_to_a_release_and_gets_them_back_as_they_are() -> None:
    """The Deployment gets a note; its pods do not change."""
    first, dark, _, last = walked(shop(), released("dark"), released("rolled_back"), shop())
    specs = [deployment_of(run, "v1").inputs["spec"] for run in (first, dark, last)]

    assert specs[0] == specs[1] == specs[2]


def test_the_outputs_say_the_pods_beside_the_weights() -> None:
    *_, run = walked(shop(), released("dark"), released("weighted", canary_weight=25))
    said = run.exports["releases"]["cart"]

    assert said["pods"] == {"v1": 3, "v2": 1}
    assert said["weights"] == {"v1": 75, "v2": 25}
    assert said["notice"] == (
        "v2 has 1 of 4 pods, so it answers 25 % of new connections (weight: 25 %)."
        " Joining restarts pods of v2 only."
    )
    assert "stage: mirror, mirror_percent: 100" not in said["next"]


def test_pods_that_somebody_scaled_are_not_built_on() -> None:
    *_, run = walked(shop(), released("dark"))
    deployment_of(run, "v1").inputs["spec"]["replicas"] = 7
    text, _ = refused(released("weighted", canary_weight=25), run)

    assert "pods were changed by somebody else: v1 has 7 pods (we wrote: 3)" in text
    assert refused(released("rolled_back"), run)[0] == ""


def test_a_rollback_writes_what_it_puts_back() -> None:
    """Pulumi compares with its own state, in which nothing changed."""
    *_, run = walked(shop(), released("dark"))
    deployment_of(run, "v1").inputs["spec"]["replicas"] = 7
    back = run_program(released("rolled_back"), run)

    annotations = deployment_of(back, "v1").inputs["metadata"]["annotations"]
    assert "v1 has 7 pods (we wrote: 3)" in annotations["mesh-canary/put-back"]


def on(mesh: dict[str, Any] | None, config: dict[str, Any]) -> dict[str, Any]:
    """The same stack file with another mesh, and nothing exposed."""
    apps = {
        name: {k: v for k, v in app.items() if k != "expose"}
        for name, app in config["apps"].items()
    }
    others = {key: value for key, value in config.items() if key != "mesh"}
    return {**others, "apps": apps, **({"mesh": mesh} if mesh else {})}


@pytest.mark.parametrize("before", [ISTIO, None])
def test_apps_that_run_are_not_left_without_the_label_that_services_ask_for(
    before: dict[str, Any] | None,
) -> None:
    running = run_program(on(before, shop()))
    text, run = refused(on({"kind": "none"}, shop()), running)

    assert "mesh.kind: none - pods that run are without the label" in text
    assert "shop/cart" in text
    assert not run.of_type("Service")


@pytest.mark.parametrize("after", [ISTIO, None])
def test_a_mesh_may_come_while_nothing_is_under_release(after: dict[str, Any] | None) -> None:
    """Services ask for what they asked for."""
    running = run_program(on({"kind": "none"}, shop()))
    (before,) = running.objects("Service", "shop")
    (service,) = run_program(on(after, shop()), running).objects("Service", "shop")

    assert service["spec"]["selector"] == before["spec"]["selector"]


def test_a_mesh_does_not_come_in_the_middle_of_a_release() -> None:
    """A dark canary would be behind the Service before there is a route."""
    *_, running = walked(on({"kind": "none"}, shop()), on({"kind": "none"}, released("dark")))
    config = on(ISTIO, released("dark"))
    del config["releases"]["cart"]["max_pods"]
    text, _ = refused(config, running)

    assert "mesh.kind: istio - pods carry the weights of a release of this stack: shop/cart" in text


@pytest.mark.parametrize("sidecars", [False, True])
def test_a_mesh_comes_and_goes_and_restarts_whom_it_gives_a_sidecar(sidecars: bool) -> None:
    """Services ask for what they asked for, and pods drain as before."""
    plain = shop()
    plain["apps"]["shop"]["expose"]["service_type"] = "LoadBalancer"
    app = {**plain["apps"]["shop"], "sidecars": sidecars}
    meshed = {**plain, "mesh": ISTIO, "apps": {"shop": app}}
    before, after, again = walked(plain, meshed, plain)
    templates = [
        r.objects("Deployment", "shop")[0]["spec"]["template"] for r in (before, after, again)
    ]

    assert before.objects("Service", "shop") == after.objects("Service", "shop")
    assert (templates[0] == templates[1]) is not sidecars
    assert templates[0] == templates[2]


def test_a_release_by_weights_serves_with_every_version_where_pods_said_so_before() -> None:
    """The route tells them apart then; the Service selects both."""
    release = release_config(
        namespace="shop",
        service="cart",
        stable={"version": "v1", "image": "docker.io/team/cart:1"},
        canary={"version": "v2", "image": "docker.io/team/cart:2"},
    )
    plain = shop()
    plain["apps"]["shop"]["expose"]["service_type"] = "LoadBalancer"
    app = {**plain["apps"]["shop"]}
    app.pop("expose")
    run = walked(
        plain, {**plain, "mesh": ISTIO, "apps": {"shop": app}, "releases": {"cart": release}}
    )[-1]

    assert {serves for _, serves in pods_of(run).values()} == {"true"}


def test_a_mesh_that_came_does_not_go_in_the_middle_of_a_release() -> None:
    """A dark canary's pods serve there: its route alone keeps requests from it."""
    config = on(ISTIO, released("dark"))
    del config["releases"]["cart"]["max_pods"]
    *_, running = walked(on({"kind": "none"}, shop()), on(ISTIO, shop()), config)
    text, _ = refused(on({"kind": "none"}, released("dark")), running)

    assert (
        "mesh.kind: none - proxies carry the weights of a release of this stack: shop/cart" in text
    )


def test_the_record_says_which_pods_serve() -> None:
    *_, run = walked(shop(), released("dark"), released("weighted", canary_weight=25))
    (outputs,) = [run.outputs[r.urn] for r in run.resources if r.type == RELEASE]

    assert outputs["record"]["pods"] == {"v1": 3, "v2": 1}
