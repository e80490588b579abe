"""Pitstop's components: the order in which it starts, what is secret, what happens when it is switched off."""

from functools import cache
from itertools import pairwise
from typing import Any

import pytest

from mesh_canary.settings.pitstop import INFRASTRUCTURE, START_ORDER
from stacks.pages import kept_data
from tests.builders import MADE_UP, customer_release, pitstop_config
from tests.components.recorder import refused, run_program
from tests.components.run import Run

SECRET_MARK = "4dabf18193072939515e22adb298388d"
FINISHED: tuple[int | str, ...] = ("dark", "mirror", 10, 50, "promoted")


def released(stage: int | str, **changes: Any) -> dict[str, Any]:
    """Pitstop with its customer API under release."""
    return {**pitstop_config(), "releases": {"customers": customer_release(stage, **changes)}}


@cache
def alone() -> Run:
    """The first run of Pitstop without a release."""
    return run_program(pitstop_config())


def place_of(run: Run, service: str, version: str = "") -> int:
    """When the Deployment of a service was finished."""
    (found,) = [
        r.urn
        for r in run.of_type("Deployment")
        if (labels := r.inputs["metadata"]["labels"])["app"] == service
        and version in ("", labels["version"])
    ]
    return run.done.index(found)


def test_every_group_starts_when_the_one_before_is_ready() -> None:
    for earlier, later in pairwise(START_ORDER):
        assert max(place_of(alone(), name) for name in earlier) < min(
            place_of(alone(), name) for name in later
        )


def test_a_release_starts_after_the_database_and_the_pages_start_after_the_release() -> None:
    run = run_program(released("dark"))
    stable = place_of(run, "customermanagementapi", "1.0")

    assert max(place_of(run, name) for name in INFRASTRUCTURE) < stable
    assert stable < place_of(run, "webapp")


def test_everything_in_a_secret_is_a_secret_of_pulumis() -> None:
    """The recorder sees what the engine is told: a value with its mark is encrypted in the state."""
    secrets = alone().of_type("Secret")

    assert len(secrets) >= 10
    assert all(SECRET_MARK in secret.inputs["stringData"] for secret in secrets)


def test_no_password_is_told_to_the_engine_but_as_a_secret() -> None:
    run = run_program(released("dark"))
    plain = [r for r in run.resources if not r.type.endswith(":Secret")]

    for resource in plain:
        assert not [word for word in MADE_UP.values() if word in str(resource.inputs)]
    assert not [word for word in MADE_UP.values() if word in str((run.exports, run.outputs))]


def test_a_release_goes_through_all_its_stages_and_is_retired() -> None:
    run = run_program(pitstop_config(), alone())
    for stage in FINISHED:
        run = run_program(released(stage), run)
    retired = run_program(released("promoted", retire_stable=True), run)
    two = {"version": "2.0", "image": "docker.io/pitstop/customermanagementapi:2.0"}
    gone = run_program(pitstop_config(versions={"customermanagementapi": two}), retired)
    (service,) = [
        s
        for s in gone.of_type("Service")
        if s.inputs["metadata"]["name"] == "customermanagementapi"
    ]

    assert retired.exports["releases"]["customers"]["weights"] == {"2.0": 100}
    assert service.inputs["spec"]["selector"] == {"app": "customermanagementapi", "version": "2.0"}
    assert place_of(gone, "customermanagementapi", "2.0") < gone.done.index(service.urn)


def test_the_outputs_say_how_every_page_is_reached() -> None:
    run = run_program(pitstop_config(service_types={"webapp": "NodePort"}))
    pages = run.exports["pages"]["pitstop"]

    assert pages["logserver"] == (
        "http://localhost:5341/ after: kubectl --context local -n pitstop port-forward service/logserver 5341"
    )
    assert pages["webapp"] == (
        "port 7005, /, at the address of: kubectl --context local -n pitstop get service webapp"
    )


def test_an_exposed_page_is_reached_through_the_gateway() -> None:
    config = pitstop_config(expose={"workload": "webapp", "host": "garage.example.com"})
    run = run_program({**config, "gateway": {"install": False}})

    assert run.exports["pages"]["pitstop"]["webapp"] == (
        "through the gateway (output `gateway`) as garage.example.com, /"
    )


def test_a_preview_says_which_kept_data_goes_with_an_app() -> None:
    before = run_program(pitstop_config(kept={"sqlserver": "8Gi"}))

    assert kept_data(before.state, "pitstop") == ["sqlserver-data"]
    assert kept_data(alone().state, "pitstop") == []


def test_an_app_that_is_switched_off_leaves_nothing_but_the_mesh() -> None:
    off = run_program(pitstop_config(enabled=False), alone())

    assert [r for r in off.resources if r.is_object] == []


def test_an_app_is_not_switched_off_while_its_release_stands() -> None:
    dark = run_program(released("dark"), alone())
    message, run = refused(pitstop_config(enabled=False), dark)

    assert "releases.customers" in message
    assert run.resources == []


@pytest.mark.parametrize("word", MADE_UP.values())
def test_no_refusal_of_the_program_quotes_a_password(word: str) -> None:
    config = pitstop_config(images={"webap": "a:1"})
    config["secrets"]["pitstop"]["sa_password"] = f"{word};"

    assert word not in refused(config)[0]
