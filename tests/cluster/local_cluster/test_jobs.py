"""Pods that end: a Job is through when its command is, and is not tried again where it says so."""

import json

import pytest
import yaml

from local_cluster.cluster import Cluster
from tests.cluster.local_cluster.conftest import eventually, kubectl


def job(name: str, script: str) -> str:
    """A Job of an image that the cluster plays, with one try."""
    container = {"name": "only", "image": "busybox:1.37.0", "command": ["sh", "-c", script]}
    pod = {"restartPolicy": "Never", "containers": [container]}
    return yaml.safe_dump(
        {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {"name": name},
            "spec": {"backoffLimit": 0, "template": {"spec": pod}},
        }
    )


@pytest.mark.parametrize(
    ("name", "script", "condition", "phase"),
    [("ends", "exit 0", "Complete", "Succeeded"), ("fails", "exit 3", "Failed", "Failed")],
)
def test_a_job_ends_as_its_command_does(
    damaged: Cluster, name: str, script: str, condition: str, phase: str
) -> None:
    kubectl(damaged, "apply", "-f", "-", text=job(name, script))

    path = f'jsonpath={{.status.conditions[?(@.type=="{condition}")].status}}'
    eventually(lambda: kubectl(damaged, "get", "job", name, "-o", path) == "True")
    pods = json.loads(kubectl(damaged, "get", "pods", "-l", f"job-name={name}", "-o", "json"))
    assert [pod["status"]["phase"] for pod in pods["items"]] == [phase]
