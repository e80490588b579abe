"""The benchmarks as they are asked for, without running one on a cluster."""

import os
from pathlib import Path
from typing import Any

import pytest

from bench import __main__ as bench
from bench.demo import figures_of
from bench.figures import Benchmark, Figure, seconds
from bench.imports import import_seconds, imports_of
from bench.stage_change import owner_of_spec, with_weights
from demo.stack_file import StackFile
from mesh_canary.settings import read_settings
from tests.demo.test_story import settings_in

ROOT = Path(__file__).parents[2]


def test_without_a_name_every_benchmark_is_listed_on_a_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert bench.main([]) == 0

    names = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert names == list(bench.BENCHMARKS)
    assert {"local_cluster", "stage_change", "demo"} <= set(names)


def test_a_benchmark_prints_nothing_but_figures(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made_up = Benchmark("made_up", "for this test", lambda _: [seconds("some", 1.5)])
    monkeypatch.setitem(bench.BENCHMARKS, "made_up", made_up)

    assert bench.main(["made_up"]) == 0
    assert capsys.readouterr().out == "some_seconds 1.5 seconds\n"


def test_an_unknown_name_is_answered_with_the_known_ones(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert bench.main(["unknown"]) != 0

    captured = capsys.readouterr()
    assert captured.out == ""
    assert "stage_change" in captured.err


def test_a_figure_is_name_value_and_unit() -> None:
    assert str(Figure("memory_mib", 855.4, "MiB")) == "memory_mib 855.4 MiB"


@pytest.mark.parametrize("name", ["environment", "team"])
def test_the_stacks_of_the_benchmark_are_sound(name: str, tmp_path: Path) -> None:
    file = StackFile(tmp_path / "stack.yaml", ROOT / "bench" / "stacks" / f"{name}.yaml", salt="")
    file.write_without_releases()
    assert read_settings(settings_in(file.path)).releases == {}

    if name == "team":
        file.edit_release("reviews", {"stage": "weighted", "canary_weight": 50})
        assert read_settings(settings_in(file.path)).releases["reviews"].step == 50


def test_only_the_weights_of_the_last_rule_change() -> None:
    rules: list[dict[str, Any]] = [
        {"name": "testers"},
        {"name": "live", "route": [{"weight": 50}, {"weight": 50}]},
    ]
    route: dict[str, Any] = {"metadata": {"name": "reviews"}, "spec": {"http": rules}}

    changed = with_weights(route, 90, 10)

    assert changed["spec"]["http"][1]["route"] == [{"weight": 90}, {"weight": 10}]
    assert changed["spec"]["http"][0] == rules[0]
    assert route["spec"]["http"] == rules


def test_the_route_is_written_by_the_one_manager_that_owns_its_spec() -> None:
    entries = [
        {"manager": "mesh-canary", "fieldsV1": {"f:metadata": {}, "f:spec": {}}},
        {"manager": "somebody", "fieldsV1": {"f:metadata": {}}},
    ]
    assert owner_of_spec({"metadata": {"managedFields": entries}}) == "mesh-canary"

    with pytest.raises(RuntimeError, match="one owner"):
        owner_of_spec({"metadata": {"managedFields": [entries[0], entries[0]]}})


def test_the_program_is_imported_as_its_main_module_says() -> None:
    assert imports_of("import a\nfrom b import c\nx = 1\ndef f():\n    import d\n") == (
        "import a\nfrom b import c"
    )
    assert import_seconds(ROOT, dict(os.environ)) > 0


def test_the_demos_parts_are_summed_over_its_stages() -> None:
    chapter = {
        "preview_seconds": 1.0,
        "up_seconds": 2.0,
        "measured": {"answers": {"sent": 2000, "failed": 1, "seconds": 3.0}},
    }
    results = {
        "cluster_seconds": 4.0,
        "setup_seconds": 10.0,
        "chapters": [chapter, chapter],
        "load": {"sent": 500, "failed": 2},
    }

    found = {figure.name: figure.value for figure in figures_of(results)}

    assert found["demo_ups_seconds"] == 4.0
    assert found["requests"] == 4000
    assert found["failed_requests"] == 4
