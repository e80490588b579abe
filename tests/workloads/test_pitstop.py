"""Pitstop as it is built in: names and ports of the original, and nothing of it that was wrong."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from mesh_canary.routing import Manifest
from mesh_canary.settings import StackSettings, WorkloadSettings, read_settings
from mesh_canary.settings.pitstop import APIS, PITSTOP_WORKLOADS, START_ORDER, WORKERS
from mesh_canary.settings.rules_pitstop import explain_password
from mesh_canary.workloads.pitstop import IMAGES, pitstop_workloads
from mesh_canary.workloads.pitstop_secrets import pitstop_secrets
from tests.builders import MADE_UP, customer_release, pitstop_config
from tests.components.recorder import run_program
from tests.components.run import as_held
from tests.components.states import shown
from tests.golden import assert_golden

GOLDEN = Path(__file__).parent / "golden" / "pitstop.yaml"
SECRET = frozenset({"secrets"})


def settings_of(**changes: Any) -> StackSettings:
    """The settings of a stack with Pitstop."""
    return read_settings(pitstop_config(**changes), SECRET)


def workloads(**changes: Any) -> dict[str, WorkloadSettings]:
    """Its workloads by name."""
    return pitstop_workloads(settings_of(**changes).apps["pitstop"])


@cache
def objects() -> tuple[Manifest, ...]:
    """Everything that a first `up` of Pitstop with its customer API under release registers."""
    config = {**pitstop_config(), "releases": {"customers": customer_release()}}
    run = run_program(config)
    return tuple(
        {"kind": r.type.rpartition(":")[2], **shown(as_held(r.inputs))}
        for r in run.resources
        if r.is_object and not r.read
    )


def of_kind(kind: str) -> dict[str, Manifest]:
    """The objects of a kind by name."""
    return {m["metadata"]["name"]: m for m in objects() if m["kind"] == kind}


def test_pitstop_is_fourteen_deployments_with_the_second_version_of_the_customer_api() -> None:
    assert len(of_kind("Deployment")) == 14
    assert set(of_kind("Deployment")) >= {"customermanagementapi-1-0", "customermanagementapi-2-0"}


def test_every_object_is_as_reviewed() -> None:
    """Passwords are made up, and stand in Secrets alone."""
    made = sorted(objects(), key=lambda m: (m["kind"], m["metadata"]["name"]))
    text = yaml.safe_dump_all(made, sort_keys=True, width=120)

    assert_golden(GOLDEN, text)


def test_no_password_stands_outside_of_a_secret() -> None:
    for manifest in objects():
        if manifest["kind"] != "Secret":
            assert not [word for word in MADE_UP.values() if word in str(manifest)]


def test_every_password_is_used() -> None:
    held = str(list(of_kind("Secret").values()))

    assert all(word in held for word in MADE_UP.values())


def test_a_secret_holds_what_its_own_pods_use_and_no_more() -> None:
    for name, secret in of_kind("Secret").items():
        deployments = [
            d for d in of_kind("Deployment").values() if d["metadata"]["labels"]["app"] == name
        ]
        assert all(set(secret["stringData"]) == keys_used(d) for d in deployments)


def keys_used(deployment: Manifest) -> set[str]:
    """The keys of Secrets that a Deployment's variables name."""
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    variables = [v for v in container.get("env", []) if "valueFrom" in v]
    return {v["valueFrom"]["secretKeyRef"]["key"] for v in variables}


def test_a_connection_string_is_what_dotnet_reads() -> None:
    made = pitstop_secrets(MADE_UP)

    assert made["customermanagement_connection"] == (
        "server=sqlserver;user id=sa;password=Made-up-1;database=CustomerManagement;trustServerCertificate=true;"
    )
    assert made["invoicing_connection"].endswith(";MultipleActiveResultSets=True;")
    assert (
        "database=WorkshopManagementEventStore;" in made["workshopmanagementeventstore_connection"]
    )


@given(st.text(min_size=8, max_size=20))
def test_a_password_that_is_accepted_is_one_part_of_its_connection_string(password: str) -> None:
    if explain_password(password):
        return
    text = pitstop_secrets({"sa_password": password})["notification_connection"]
    parts = dict(part.split("=") for part in text.split(";") if part)

    assert parts["password"] == password


@given(st.text(min_size=1, max_size=40))
def test_no_refusal_quotes_a_password(password: str) -> None:
    words = re.findall(r"\w{4,}", password)

    assert not [word for word in words if word in explain_password(password).split()]


def test_every_workload_has_an_account_of_its_own_and_no_token() -> None:
    accounts = {
        d["metadata"]["labels"]["app"]: d["spec"]["template"]["spec"]
        for d in of_kind("Deployment").values()
    }

    assert {name: spec["serviceAccountName"] for name, spec in accounts.items()} == {
        name: name for name in PITSTOP_WORKLOADS
    }
    assert set(of_kind("ServiceAccount")) == set(PITSTOP_WORKLOADS)
    assert not any(spec["automountServiceAccountToken"] for spec in accounts.values())
    assert not any(spec["enableServiceLinks"] for spec in accounts.values())


def test_only_what_binds_low_ports_starts_as_root() -> None:
    root = {name for name, w in workloads().items() if w.security.run_as_root}

    assert root == {"logserver", "mailserver"}


def test_services_are_reached_from_inside_alone_unless_asked_for() -> None:
    assert not any("type" in service["spec"] for service in of_kind("Service").values())
    assert (
        workloads(service_types={"webapp": "LoadBalancer"})["webapp"].service_type == "LoadBalancer"
    )


def test_ports_are_those_of_the_original() -> None:
    ports = {
        name: [(p["name"], p["port"], p["targetPort"]) for p in service["spec"]["ports"]]
        for name, service in of_kind("Service").items()
    }

    assert ports == {
        "sqlserver": [("tcp-tds", 1433, 1433)],
        "rabbitmq": [("http-admin", 15672, 15672), ("tcp-amqp", 5672, 5672)],
        "logserver": [("http-5341", 5341, 80)],
        "mailserver": [("http-web", 4000, 80), ("tcp-smtp", 25, 25)],
        "customermanagementapi": [("http-5100", 5100, 5100)],
        "vehiclemanagementapi": [("http-5000", 5000, 5000)],
        "workshopmanagementapi": [("http-5200", 5200, 5200)],
        "webapp": [("http-7005", 7005, 7005)],
    }


def test_workers_have_no_service_and_no_probe_and_wait_for_the_broker() -> None:
    for name in (*WORKERS, "workshopmanagementeventhandler"):
        workload = workloads()[name]

        assert workload.listens == {}
        assert workload.wait_for == ("rabbitmq:5672",)
        assert workload.probes.readiness is None


def test_the_workshop_api_is_not_asked_for_a_database_that_its_first_request_makes() -> None:
    probes = workloads()["workshopmanagementapi"].probes

    assert (probes.readiness, probes.liveness) == ("/", "/")


def test_no_api_is_restarted_because_the_database_is_away() -> None:
    assert all(workloads()[api].probes.liveness != "/hc" for api in APIS)


def test_everything_starts_after_what_it_cannot_start_without() -> None:
    place = {name: index for index, group in enumerate(START_ORDER) for name in group}

    assert set(place) == set(PITSTOP_WORKLOADS)
    assert max(place[n] for n in ("sqlserver", "rabbitmq", "logserver", "mailserver")) == 0
    assert place["workshopmanagementeventhandler"] < place["workshopmanagementapi"]
    assert place["webapp"] == max(place.values())
    assert all(place[worker] > place["rabbitmq"] for worker in WORKERS)


def test_every_image_is_pinned_and_the_stack_files_one_wins() -> None:
    assert all(":" in image and not image.endswith(":latest") for image in IMAGES.values())
    assert workloads(images={"webapp": "registry.example.com/webapp:1"})["webapp"].image == (
        "registry.example.com/webapp:1"
    )
    assert workloads(images={"wait": "registry.example.com/box:1"})["timeservice"].wait_image == (
        "registry.example.com/box:1"
    )


def test_nothing_is_kept_unless_asked_for() -> None:
    plain = workloads()
    kept = workloads(kept={"sqlserver": "8Gi", "auditlogservice": "1Gi"}, storage_class="fast")

    assert not any(v.size for w in plain.values() for v in w.volumes.values())
    assert kept["sqlserver"].volumes["data"].size == "8Gi"
    assert kept["auditlogservice"].volumes["data"].storage_class == "fast"
    assert kept["rabbitmq"].volumes["data"].size is None


def test_a_version_may_have_another_back_end_and_another_secret() -> None:
    """The dark one may speak to a database of its own."""
    version = {
        "version": "2.0",
        "image": "docker.io/pitstop/customermanagementapi:2.0",
        "env": {"RabbitMQPublisher__Host": "rabbitmq-dark"},
        "secret_env": {"ConnectionStrings__CustomerManagementCN": "dark_database"},
    }
    config = pitstop_config()
    config["secrets"] = {"pitstop": {**MADE_UP, "dark_database": "server=dark;"}}
    config["releases"] = {"customers": customer_release(canary=version)}
    run = run_program(config)
    made = {
        r.inputs["metadata"]["name"]: shown(as_held(r.inputs))
        for r in run.resources
        if r.type.rpartition(":")[2] in ("Deployment", "Secret")
    }
    (container,) = made["customermanagementapi-2-0"]["spec"]["template"]["spec"]["containers"]
    variables = {
        v["name"]: v.get("value") or v["valueFrom"]["secretKeyRef"]["key"] for v in container["env"]
    }

    assert variables["RabbitMQPublisher__Host"] == "rabbitmq-dark"
    assert variables["ConnectionStrings__CustomerManagementCN"] == "dark_database"
    assert variables["RabbitMQPublisher__Password"] == "rabbitmq_password"
    assert made["customermanagementapi"]["stringData"]["dark_database"] == "server=dark;"
