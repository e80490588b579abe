"""The queries for Istio's standard metrics, answered by Prometheus's own engine on recorded series.

Recorded: no proxy here writes these metrics (`recorded_istio.yaml` says where they are from). promtool is that of the
Prometheus which the local cluster runs; no cluster is needed.
"""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from local_cluster.progress import Progress
from local_cluster.tools.fetch import ensure_add_on_tools
from mesh_canary.metrics import ISTIO, Target

RECORDED = yaml.safe_load((Path(__file__).parent / "recorded_istio.yaml").read_text())
REVIEWS = Target("bookinfo", "reviews", 9080)


@pytest.fixture(scope="module")
def promtool() -> Path:
    return ensure_add_on_tools(Progress())["promtool"]


def input_series() -> list[dict[str, str]]:
    """The recorded series as promtool takes them: five minutes, a value every 5 seconds."""
    series = []
    for recorded in RECORDED["series"]:
        labels = {**RECORDED["labels"], **recorded["labels"]}
        selector = ",".join(f'{name}="{value}"' for name, value in labels.items())
        values = f"0+{recorded['grows']}x60"
        series.append({"series": f"{recorded['metric']}{{{selector}}}", "values": values})
    return series


def answers_of(promtool: Path, folder: Path, query: str, wanted: dict[str, float]) -> str:
    """What promtool says against the answer `wanted`; empty where Prometheus gives exactly that."""
    samples = [{"labels": f'{{version="{v}"}}', "value": value} for v, value in wanted.items()]
    test: dict[str, Any] = {
        "evaluation_interval": "5s",
        "tests": [
            {
                "interval": "5s",
                "input_series": input_series(),
                "promql_expr_test": [{"expr": query, "eval_time": "4m", "exp_samples": samples}],
            }
        ],
    }
    file = folder / "test.yaml"
    file.write_text(yaml.safe_dump(test))
    done = subprocess.run(
        [promtool, "test", "rules", file], capture_output=True, text=True, check=False
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_recorded_requests_are_counted_by_version_as_their_callers_saw_them(
    promtool: Path, tmp_path: Path
) -> None:
    """90 and 10 every 5 seconds: neither the copies that v2's own proxy saw, nor the other namespace."""
    query = ISTIO.requests(REVIEWS, 60)

    assert answers_of(promtool, tmp_path, query, {"v1": 1080, "v2": 120}) == ""


def test_recorded_rates_are_a_second(promtool: Path, tmp_path: Path) -> None:
    assert answers_of(promtool, tmp_path, ISTIO.rate(REVIEWS, 60), {"v1": 18, "v2": 2}) == ""


def test_a_recorded_version_that_never_failed_has_0_failures(
    promtool: Path, tmp_path: Path
) -> None:
    query = ISTIO.failures(REVIEWS, 60)

    assert answers_of(promtool, tmp_path, query, {"v1": 0, "v2": 0.2}) == ""


def test_recorded_durations_are_in_milliseconds(promtool: Path, tmp_path: Path) -> None:
    """Half of v1's requests took up to 50 ms, all up to 100 ms; of v2 no duration is known."""
    assert answers_of(promtool, tmp_path, ISTIO.latency(REVIEWS, 60, 0.5), {"v1": 50}) == ""
    assert answers_of(promtool, tmp_path, ISTIO.latency(REVIEWS, 60, 0.75), {"v1": 75}) == ""


def test_a_wrong_answer_is_noticed(promtool: Path, tmp_path: Path) -> None:
    assert answers_of(promtool, tmp_path, ISTIO.rate(REVIEWS, 60), {"v1": 19, "v2": 2})
