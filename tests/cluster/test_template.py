"""`pulumi new` from this folder gives a project of one's own."""

import shutil
import subprocess
from pathlib import Path

import yaml

from local_cluster.api import Cluster
from tests.cluster.stack import Stack, run_pulumi
from tests.cluster.till import bank


def test_a_project_made_from_the_template_previews_a_release_under_its_own_name(
    cluster: Cluster, tmp_path: Path
) -> None:
    """From the files that are under version control, which is what a template's reader gets."""
    template, project = tmp_path / "template", tmp_path / "project"
    project.mkdir()
    clone = cluster.place.clone
    ran = subprocess.run(["git", "ls-files", "-z"], cwd=clone, capture_output=True, check=True)
    for name in filter(None, ran.stdout.decode().split("\0")):
        if (clone / name).exists():
            (template / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(clone / name, template / name)
    asked = ["new", str(template), "--generate-only", "--yes", "--name", "our-releases"]

    made = run_pulumi(asked, cluster, project)

    assert made.code == 0, made.output
    assert yaml.safe_load((project / "Pulumi.yaml").read_text())["name"] == "our-releases"
    stack = Stack("test-new", cluster, tmp_path, program=project)
    config = {
        **bank("dark"),
        "cluster": {"context": "local", "kubeconfig": str(cluster.kubeconfig)},
    }
    preview = stack.preview(config)
    assert preview.code == 0, preview.output
    assert "mesh-canary:index:CanaryRelease till create" in preview
