"""A changed secret restarts the pods that use it and no others; a note says of it too little to be found."""

import re
from typing import Any

from mesh_canary.workloads.rotation import SECRETS_NOTE, revisions_of
from tests.builders import MADE_UP, pitstop_config, stack_config
from tests.components.recorder import run_program
from tests.components.run import Run
from tests.workloads.test_ports_and_volumes import a_workload


def templates_of(run: Run) -> dict[str, str]:
    """The pod templates by service."""
    return {
        d.inputs["metadata"]["labels"]["app"]: str(d.inputs["spec"]["template"])
        for d in run.of_type("Deployment")
    }


def with_password(name: str, value: str) -> dict[str, Any]:
    """Pitstop with another password."""
    config = pitstop_config()
    return {**config, "secrets": {"pitstop": {**MADE_UP, name: value}}}


def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    """Whose pods are restarted."""
    return {name for name in before if before[name] != after[name]}


def test_another_password_restarts_exactly_the_pods_that_use_it() -> None:
    before = templates_of(run_program(pitstop_config()))
    seq = templates_of(run_program(with_password("seq_admin_password", "Made-up-9")))
    broker = templates_of(run_program(with_password("rabbitmq_password", "Made-up-9")))
    database = templates_of(run_program(with_password("sa_password", "Made-up-9")))

    assert changed(before, seq) == {"logserver"}
    assert {"rabbitmq", "timeservice", "customermanagementapi"} <= changed(before, broker)
    assert {"sqlserver", "invoiceservice", "customermanagementapi"} <= changed(before, database)
    assert not {"webapp", "mailserver", "logserver"} & changed(before, database)


def test_a_secret_that_nobody_uses_yet_restarts_nobody() -> None:
    before = templates_of(run_program(pitstop_config()))
    after = templates_of(run_program(with_password("sandbox", "server=sandbox;")))

    assert changed(before, after) == set()


def test_a_changed_file_restarts_its_pods() -> None:
    def shop(text: str) -> dict[str, Any]:
        volumes = {"conf": {"mount": "/etc/cart", "files": {"cart.conf": text}}}
        cart = {"image": "docker.io/team/cart:1", "port": 80, "volumes": volumes}
        app = {"namespace": "shop", "workloads": {"cart": cart}}
        return stack_config(apps={"shop": app}, releases={})

    first, second = (templates_of(run_program(shop(text))) for text in ("a=1", "a=2"))

    assert changed(first, second) == {"cart"}


def test_a_note_holds_two_bytes_of_every_secret_and_nothing_of_the_others() -> None:
    workload = a_workload(secret_env={"PASSWORD": "password"})
    notes = revisions_of(workload, {"password": "Swordfish-4711", "key": "x", "other": "y"})
    (said,) = notes.values()
    name, _, digest = said.partition("=")

    assert set(notes) == {SECRETS_NOTE}
    assert (name, len(digest)) == ("password", 4)


def test_a_password_has_one_digest_wherever_it_is_used() -> None:
    """A digest of its own in each of nine connection strings would be enough to try passwords against."""
    templates = templates_of(run_program(pitstop_config()))
    said = re.findall(r"(sa_password|\w+_connection)=([0-9a-f]{4})", str(templates))

    assert len({name for name, _ in said}) > 5
    assert len({digest for _, digest in said}) == 1


def test_a_workload_without_secrets_and_files_has_no_note() -> None:
    assert revisions_of(a_workload(), {"password": "Swordfish-4711"}) == {}
