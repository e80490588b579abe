"""What KWOK does here: keeps the Node alive, runs the pods left to it, gives out addresses.

Its stock stages are taken as they are; those for pods are narrowed to pods that the node agent left
to it. Everything is in one file without a KwokConfiguration document: with one, kwok 0.8 ends with
"node leases parallelism must be greater than 0".
"""

from pathlib import Path
from typing import Any

import yaml

LEFT_TO_KWOK = {"local-cluster/run-by": "kwok"}
"""Annotation of the pods that KWOK pretends to run."""

_LOAD_BALANCER_ADDRESS: dict[str, Any] = {
    "apiVersion": "kwok.x-k8s.io/v1alpha1",
    "kind": "Stage",
    "metadata": {"name": "service-load-balancer"},
    "spec": {
        "resourceRef": {"apiGroup": "v1", "kind": "Service"},
        "selector": {
            "matchExpressions": [
                {"key": ".spec.type", "operator": "In", "values": ["LoadBalancer"]},
                {"key": ".status.loadBalancer.ingress", "operator": "DoesNotExist"},
            ]
        },
        "next": {
            "statusTemplate": (
                "loadBalancer:\n"
                "  ingress:\n"
                '  - ip: {{ .spec.clusterIP | replace "10.96." "10.98." | Quote }}\n'
            )
        },
    },
}


def make_stages(stock: Path) -> str:
    """The stages as one YAML text, made of KWOK's stock stages in that folder."""
    stages = [yaml.safe_load(file.read_text()) for file in sorted(stock.glob("*.yaml"))]
    for stage in stages:
        if stage["spec"]["resourceRef"]["kind"] == "Pod":
            stage["spec"]["selector"]["matchAnnotations"] = LEFT_TO_KWOK
    return yaml.safe_dump_all([*stages, _LOAD_BALANCER_ADDRESS], sort_keys=False)
