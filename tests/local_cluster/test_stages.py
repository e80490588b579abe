from pathlib import Path
from typing import Any

import yaml

from local_cluster.stages import make_stages


def stock(folder: Path) -> Path:
    for kind in ("Pod", "Node"):
        stage = {
            "kind": "Stage",
            "metadata": {"name": kind.lower()},
            "spec": {
                "resourceRef": {"apiGroup": "v1", "kind": kind},
                "selector": {"matchExpressions": [{"key": ".status", "operator": "Exists"}]},
            },
        }
        (folder / f"{kind}.yaml").write_text(yaml.safe_dump(stage))
    return folder


def stages(folder: Path) -> dict[str, Any]:
    documents = yaml.safe_load_all(make_stages(stock(folder)))
    return {document["metadata"]["name"]: document["spec"] for document in documents}


def test_kwok_runs_only_pods_that_were_left_to_it(tmp_path: Path) -> None:
    selector = stages(tmp_path)["pod"]["selector"]

    assert selector["matchAnnotations"] == {"local-cluster/run-by": "kwok"}
    assert len(selector["matchExpressions"]) == 1


def test_the_stages_of_nodes_stay_as_they_are(tmp_path: Path) -> None:
    assert "matchAnnotations" not in stages(tmp_path)["node"]["selector"]


def test_a_load_balancer_gets_an_address(tmp_path: Path) -> None:
    stage = stages(tmp_path)["service-load-balancer"]

    assert stage["resourceRef"]["kind"] == "Service"
    assert '"10.96." "10.98."' in stage["next"]["statusTemplate"]


def test_every_document_is_a_stage(tmp_path: Path) -> None:
    """A KwokConfiguration among them ends kwok 0.8 at once."""
    kinds = {document["kind"] for document in yaml.safe_load_all(make_stages(stock(tmp_path)))}

    assert {"Stage"} == kinds
