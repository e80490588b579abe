"""The environment in which pulumi, kubectl and istioctl speak to the cluster."""

import subprocess
import sys
from pathlib import Path

from local_cluster.cluster import Cluster

PULUMI_YAML = "name: probe\nruntime: python\n"


def run(cluster: Cluster, folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=folder, env=cluster.env, capture_output=True, text=True, check=False
    )


def program(folder: Path, text: str) -> Path:
    (folder / "Pulumi.yaml").write_text(PULUMI_YAML)
    (folder / "__main__.py").write_text(text)
    return folder


def test_every_tool_answers_in_the_shell(damaged: Cluster, tmp_path: Path) -> None:
    for command in (
        ("pulumi", "version"),
        ("kubectl", "get", "nodes"),
        ("istioctl", "version", "--remote=false"),
        ("fortio", "version"),
    ):
        done = run(damaged, tmp_path, *command)
        assert done.returncode == 0, f"{command}: {done.stderr}"


def test_python_in_the_shell_is_the_project_s(damaged: Cluster, tmp_path: Path) -> None:
    done = run(damaged, tmp_path, "python3", "-c", "import sys; print(sys.prefix)")

    assert done.stdout.strip() == sys.prefix


def test_pulumi_writes_to_the_cluster_and_warns_of_nothing(
    damaged: Cluster, tmp_path: Path
) -> None:
    """The provider of the pinned version is found and no part is in a place Pulumi warns of."""
    program(
        tmp_path,
        "import pulumi\n"
        "class Object(pulumi.CustomResource): pass\n"
        "Object('kubernetes:core/v1:ConfigMap', 'probe', {\n"
        "    'apiVersion': 'v1', 'kind': 'ConfigMap', 'data': {'a': 'b'},\n"
        "    'metadata': {'name': 'probe', 'namespace': 'default'},\n"
        "}, pulumi.ResourceOptions(version='4.25.0'))\n",
    )
    assert run(damaged, tmp_path, "pulumi", "stack", "init", "probe").returncode == 0
    up = run(damaged, tmp_path, "pulumi", "up", "--yes", "--skip-preview")
    assert up.returncode == 0, up.stdout + up.stderr
    assert "warning" not in (up.stdout + up.stderr).lower()
    found = run(damaged, tmp_path, "kubectl", "get", "configmap", "probe", "-o", "name")
    assert found.stdout.strip() == "configmap/probe"

    destroyed = run(damaged, tmp_path, "pulumi", "destroy", "--yes", "--remove")
    assert destroyed.returncode == 0


def test_an_error_for_the_operator_is_shown_once(damaged: Cluster, tmp_path: Path) -> None:
    program(tmp_path, "import pulumi\nraise pulumi.RunError('weight: 35 is not on the ladder')\n")
    run(damaged, tmp_path, "pulumi", "stack", "init", "error")

    preview = run(damaged, tmp_path, "pulumi", "preview")

    assert preview.returncode != 0
    _, _, diagnostics = preview.stdout.partition("Diagnostics:")
    assert diagnostics.count("weight: 35 is not on the ladder") == 1
    assert "Traceback" not in preview.stdout + preview.stderr


def test_configuration_and_secrets_reach_a_program(damaged: Cluster, tmp_path: Path) -> None:
    program(
        tmp_path,
        "import pulumi\nconfig = pulumi.Config()\n"
        "pulumi.export('plain', config.require('plain'))\n"
        "pulumi.export('hidden', config.require_secret('hidden'))\n",
    )
    for command in (
        ("stack", "init", "config"),
        ("config", "set", "plain", "seen"),
        ("config", "set", "--secret", "hidden", "unseen"),
    ):
        assert run(damaged, tmp_path, "pulumi", *command).returncode == 0

    up = run(damaged, tmp_path, "pulumi", "up", "--yes", "--skip-preview")

    assert up.returncode == 0, up.stdout + up.stderr
    assert "seen" in up.stdout
    assert "unseen" not in up.stdout
