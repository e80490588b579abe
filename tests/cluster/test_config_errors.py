"""A stack file with mistakes, at a real preview: the operator sees text, never Python."""

from pathlib import Path

import pytest
import yaml

from local_cluster.api import Cluster
from tests.cluster.configs import environment, reviews
from tests.cluster.kube import Kube
from tests.cluster.stack import Stack
from tests.cluster.till import bank, without_release

REJECTED = Path(__file__).parents[1] / "settings" / "rejected"
SECRET = "correct-horse-battery"


@pytest.fixture(scope="module")
def stack(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """A stack that never gets a resource."""
    return Stack("test-errors", cluster, tmp_path_factory.mktemp("errors"))


@pytest.mark.parametrize("case", ["mesh-with-two-sources", "canary-equal-to-stable"])
def test_a_mistake_is_told_as_one_error_with_its_exact_text(case: str, stack: Stack) -> None:
    config = yaml.safe_load((REJECTED / f"{case}.yaml").read_text())["config"]

    ran = stack.preview({key.removeprefix("mesh-canary:"): value for key, value in config.items()})

    assert ran.refused, ran.output
    for line in (REJECTED / f"{case}.txt").read_text().splitlines():
        assert line.strip() in ran


def test_several_mistakes_are_told_in_one_run(stack: Stack) -> None:
    release = reviews("weighted", 35, stabel="v1", steps=[10, 50])

    ran = stack.preview({**environment(reviews=release), "gatway": {}, "cluster": {}})

    assert ran.refused, ran.output
    for key in ("releases.reviews.stabel", "did you mean stable?", "canary_weight", "cluster"):
        assert key in ran, ran.output


def test_a_value_that_pulumi_calls_secret_is_in_no_message(stack: Stack) -> None:
    """Neither in the log that `--debug` and `--logtostderr` write."""
    stack.write(environment(reviews=reviews("dark")))
    for key, value in {"testers.token": SECRET, "steps": SECRET}.items():
        where = f"mesh-canary:releases.reviews.{key}"
        assert stack.run("config", "set", "--secret", "--path", where, value).code == 0

    ran = stack.run("preview", "--logtostderr", "-v=9", "--debug")

    assert ran.code != 0
    assert "[hidden]" in ran
    assert SECRET not in ran


def test_a_secret_value_is_in_no_output_and_not_in_the_state(till: Stack, kube: Kube) -> None:
    """A service's own environment, encrypted in the stack file; the cluster alone gets it as it is."""
    without_release(till)
    till.write(bank())
    where = "mesh-canary:apps.bank.workloads.till.env.TOKEN"
    assert till.run("config", "set", "--secret", "--path", where, SECRET).code == 0

    preview = till.run("preview", "--diff")
    up = till.run("up", "--yes", "--skip-preview", "--diff")
    state = till.state()
    pod = kube.deployments("bank", "till")["till-v1"]["spec"]["template"]["spec"]

    till.up(bank())
    assert preview.code == up.code == 0, preview.output + up.output
    assert {"name": "TOKEN", "value": SECRET} in pod["containers"][0]["env"]
    assert [SECRET in said for said in (preview.output, up.output, state)] == [False] * 3
