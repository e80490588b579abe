"""What Kubernetes objects find on the cluster, before any mesh is there."""

import json
import subprocess

import yaml

from local_cluster.cluster import Cluster
from local_cluster.images import add_image
from tests.cluster.local_cluster.conftest import eventually, kubectl


def deployment(name: str, image: str) -> str:
    labels = {"app": name}
    return yaml.safe_dump(
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": name},
            "spec": {
                "replicas": 1,
                "selector": {"matchLabels": labels},
                "template": {
                    "metadata": {"labels": labels},
                    "spec": {
                        "containers": [
                            {"name": name, "image": image, "ports": [{"containerPort": 9080}]}
                        ]
                    },
                },
            },
        }
    )


def ready(cluster: Cluster, name: str) -> bool:
    path = "jsonpath={.status.readyReplicas}"
    return kubectl(cluster, "get", "deployment", name, "-o", path) == "1"


def test_a_pod_of_an_unknown_image_is_left_to_kwok(damaged: Cluster) -> None:
    kubectl(damaged, "apply", "-f", "-", text=deployment("pretended", "example.org/unknown:1"))

    eventually(lambda: ready(damaged, "pretended"))
    listed = json.loads(kubectl(damaged, "get", "pods", "-l", "app=pretended", "-o", "json"))
    (pod,) = listed["items"]
    assert pod["metadata"]["annotations"]["local-cluster/run-by"] == "kwok"
    assert pod["status"]["podIP"].startswith("10.99.1.")


def test_a_registered_image_runs_and_is_reached_from_the_host(damaged: Cluster) -> None:
    """Registered while the cluster runs; reached by a Service of type LoadBalancer at port 80."""
    command = ["standin", "serve", "--image", "$(IMAGE)"]
    add_image(damaged.place.images, "*/greeter", command, user=1000)
    kubectl(damaged, "apply", "-f", "-", text=deployment("greeter", "example.org/greeter:7"))
    kubectl(damaged, "expose", "deployment", "greeter", "--type=LoadBalancer",
            "--port=80", "--target-port=9080")  # fmt: skip
    eventually(lambda: ready(damaged, "greeter"))

    def answers() -> bool:
        curl = ("curl", "-s", "--max-time", "2", f"{damaged.gateway_url}/hello")
        done = subprocess.run(curl, capture_output=True, text=True, check=False)
        return '"service":"greeter"' in done.stdout.replace(" ", "")

    eventually(answers)


def test_load_balancers_have_addresses_of_their_own(damaged: Cluster) -> None:
    for name in ("one", "two"):
        kubectl(damaged, "create", "service", "loadbalancer", name, "--tcp=81:81")

    def addresses() -> list[str]:
        path = "jsonpath={.items[*].status.loadBalancer.ingress[*].ip}"
        return kubectl(damaged, "get", "services", "-o", path).split()

    eventually(lambda: len(addresses()) >= 2)
    found = addresses()
    assert len(found) == len(set(found))
    assert all(address.startswith("10.98.") for address in found)
