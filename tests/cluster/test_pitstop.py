"""Pitstop on a cluster: it starts, and no password of it can be read anywhere. The scenario shows the rest."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from local_cluster.api import Cluster
from tests.cluster.configs import CLUSTER
from tests.cluster.kube import Kube
from tests.cluster.stack import Config, Ran, Stack

PASSWORDS = {
    "sa_password": "Marmot-Keeps-4711",
    "rabbitmq_password": "Badger-Hides-1147",
    "seq_admin_password": "Ferret-Sleeps-7411",
}
"""Made up here: found anywhere, it was this test's `up` that wrote it there."""
NAMESPACE = "garage"
"""Not the one of the scenario."""


def config() -> Config:
    """Pitstop without a mesh, in a namespace of its own; its secrets are set by `pulumi config set --secret`."""
    app = {"kind": "pitstop", "namespace": NAMESPACE}
    return {"cluster": CLUSTER, "mesh": {"kind": "none"}, "apps": {"pitstop": app}}


@dataclass
class Garage:
    """The stack, and everything that Pulumi said until now."""

    stack: Stack
    said: list[str] = field(default_factory=list)

    def run(self, *arguments: str) -> Ran:
        """A command on the stack, remembered with its output."""
        ran = self.stack.run(*arguments)
        self.said.append(ran.output)
        return ran

    def write(self, content: Config) -> None:
        """The stack file says this, and the passwords, encrypted."""
        self.stack.write(content)
        for name, value in PASSWORDS.items():
            key = f"mesh-canary:secrets.pitstop.{name}"
            assert self.stack.run("config", "set", "--secret", "--path", key, value).code == 0


@pytest.fixture(scope="module")
def garage(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Garage]:
    """Pitstop is up: previewed, applied, previewed again, each with every detail that Pulumi shows."""
    garage = Garage(Stack("test-garage", cluster, tmp_path_factory.mktemp("garage")))
    garage.write(config())
    try:
        assert garage.run("preview", "--diff", "--show-reads").code == 0
        ran = garage.run("up", "--yes", "--skip-preview", "--diff")
        assert ran.code == 0, ran.output
        assert garage.run("preview", "--expect-no-changes", "--json").code == 0
        yield garage
    finally:
        garage.stack.destroy()


def test_every_workload_is_ready(garage: Garage, kube: Kube) -> None:
    deployments = kube.items(f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments")

    assert len(deployments) == 13
    assert all(d["status"].get("readyReplicas") == 1 for d in deployments)


def test_the_passwords_have_reached_the_pods(garage: Garage, kube: Kube) -> None:
    """Otherwise nothing would be proven by their not being found elsewhere: the database asks for its own."""
    secrets = kube.items(f"/api/v1/namespaces/{NAMESPACE}/secrets")
    used = {name for secret in secrets for name in secret["data"]}

    assert used >= {*PASSWORDS, "customermanagement_connection"}


def test_nothing_that_pulumi_says_or_keeps_has_a_password(garage: Garage) -> None:
    """State, outputs, history, the stack file, and all that previews and `up` have said."""
    flags = ("--stack", garage.stack.name)
    kept = {
        "state": garage.stack.state(),
        "outputs": json.dumps(garage.stack.outputs()),
        "history": garage.stack.run("stack", "history", "--json", *flags, config_file=False).output,
        "stack file": garage.stack.file.read_text(),
        **{f"output {number}": said for number, said in enumerate(garage.said)},
    }

    assert "customermanagementapi" in kept["state"]
    assert found_in(kept) == []


def test_no_log_has_a_password(garage: Garage, cluster: Cluster) -> None:
    """Those of every process of the cluster and of every pod."""
    logs = {
        str(path): path.read_text(errors="replace") for path in logs_below(cluster.place.run_dir)
    }

    assert len(logs) > 20
    assert found_in(logs) == []


def test_no_object_but_a_secret_has_a_password(garage: Garage, kube: Kube) -> None:
    """Also not in an annotation of a tool's own."""
    kinds = ("apis/apps/v1/{}/deployments", "api/v1/{}/pods", "api/v1/{}/configmaps")
    place = f"namespaces/{NAMESPACE}"
    held = {kind: json.dumps(kube.items(f"/{kind.format(place)}")) for kind in kinds}

    assert found_in(held) == []


def test_a_refusal_says_no_password(garage: Garage) -> None:
    """One that a connection string would not survive."""
    garage.write(config())
    key = "mesh-canary:secrets.pitstop.sa_password"
    broken = f"{PASSWORDS['sa_password']};"
    garage.stack.run("config", "set", "--secret", "--path", key, broken)
    ran = garage.run("preview")

    assert ran.refused
    assert "secrets.pitstop.sa_password - has a space" in ran
    assert found_in({"refusal": ran.output}) == []


def logs_below(folder: Path) -> Iterator[Path]:
    """Every log below a folder."""
    return (path for path in folder.rglob("*.log") if path.is_file())


def found_in(texts: dict[str, str]) -> list[str]:
    """Which texts hold which password."""
    return [
        f"{where}: {name}"
        for where, text in texts.items()
        for name, password in PASSWORDS.items()
        if password in text
    ]
