"""Imports point one way, and every layer uses only what is its own. Read from the source, not from running it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LAYERS = (
    "mesh_canary.settings",
    "mesh_canary.release",
    "mesh_canary.routing",
    "mesh_canary.metrics",
    "mesh_canary.workloads",
    "components",
    "stacks",
    "__main__",
)
"""From left to right; an import may skip a layer and never turns back."""
TOOLS = ("local_cluster", "demo", "bench", "tests")
CORE_MAY_USE = {
    *("collections", "dataclasses", "enum", "typing", "functools", "itertools", "operator"),
    "fractions",
    *("json", "re", "difflib", "math", "string", "textwrap", "copy", "types", "hashlib", "base64"),
    *("pydantic", "pydantic_core", "cryptography", "mesh_canary"),
}
"""No clock, no files, no environment, no network, no randomness, no YAML, no Pulumi."""
NO_CALLS = {"open", "print", "input", "exec", "eval", "__import__"}


def imports_of(source: str) -> Iterator[str]:
    """Every module that a source imports, wherever in it; with the names that may be modules themselves."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield f"{node.module}"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def layer_of(module: str) -> int | None:
    """The place of a module in `LAYERS`; None for one that is not of the program."""
    found = [i for i, layer in enumerate(LAYERS) if f"{module}.".startswith(f"{layer}.")]
    return found[0] if found else None


def check_direction(module: str, source: str) -> list[str]:
    """Imports of `module` that point right."""
    here = layer_of(module)
    assert here is not None, module
    return [
        f"{module} imports {imported}"
        for imported in imports_of(source)
        if (there := layer_of(imported)) is not None and there > here
    ]


def check_core(module: str, source: str) -> list[str]:
    """What the core imports or calls, and may not: it decides from its arguments alone."""
    imports = {imported.partition(".")[0] for imported in imports_of(source)} - CORE_MAY_USE
    calls = {
        node.func.id
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    } & NO_CALLS
    return [f"{module} uses {name}" for name in sorted(imports | calls)]


def check_apart(module: str, source: str, others: tuple[str, ...]) -> list[str]:
    """Imports of `module` from any of `others`."""
    return [
        f"{module} imports {imported}"
        for imported in imports_of(source)
        if imported.partition(".")[0] in others
    ]


def sources_of(*packages: str) -> dict[str, str]:
    """Every Python file of some top-level packages or modules, by module name."""
    found = {}
    for package in packages:
        place = ROOT / package
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]:
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            found[name.removesuffix(".__init__")] = path.read_text()
    return found


PROGRAM = sources_of("mesh_canary", "components", "stacks", "__main__")
CORE = {module: source for module, source in PROGRAM.items() if module.startswith("mesh_canary")}
LAYERED = {module: source for module, source in PROGRAM.items() if module != "mesh_canary"}


def modules(sources: dict[str, str]) -> pytest.MarkDecorator:
    """A test of every module."""
    return pytest.mark.parametrize("module", sources)


def test_the_files_that_are_asked_are_there() -> None:
    assert {layer_of(module) for module in LAYERED} == set(range(len(LAYERS)))
    assert len(CORE) > 15


@modules(LAYERED)
def test_imports_only_point_left(module: str) -> None:
    assert check_direction(module, LAYERED[module]) == []


@modules(CORE)
def test_the_core_knows_no_pulumi_no_cluster_no_clock_and_no_files(module: str) -> None:
    assert check_core(module, CORE[module]) == []


@modules(PROGRAM)
def test_the_program_knows_nothing_of_the_tools_around_it(module: str) -> None:
    assert check_apart(module, PROGRAM[module], TOOLS) == []


@modules(sources_of("local_cluster"))
def test_the_local_cluster_knows_nothing_of_the_program(module: str) -> None:
    program = ("mesh_canary", "components", "stacks", "demo", "bench", "tests")

    assert check_apart(module, sources_of("local_cluster")[module], program) == []


@modules({m: s for m, s in PROGRAM.items() if m.startswith("components")})
def test_components_take_plain_values_and_no_settings(module: str) -> None:
    imported = imports_of(PROGRAM[module])

    assert not [name for name in imported if name.startswith("mesh_canary.settings")]


def test_only_one_module_reads_the_config() -> None:
    """Everything else gets settings; so one run tells every mistake."""
    readers = {
        module
        for module, source in PROGRAM.items()
        if "PULUMI_CONFIG" in source or "pulumi.Config" in source
    }

    assert readers == {"stacks.config"}


def test_no_module_is_named_after_an_environment() -> None:
    environments = {path.name.split(".")[1] for path in ROOT.glob("Pulumi.*.yaml")}

    assert environments
    assert not environments & {module.rpartition(".")[2] for module in PROGRAM}


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("mesh_canary.settings.release", "from mesh_canary.release import plan_release"),
        ("mesh_canary.release.plan", "import mesh_canary.routing.istio"),
        ("mesh_canary.routing.istio", "def f():\n    from mesh_canary import workloads"),
        ("mesh_canary.workloads", "if True:\n    import components.app"),
        ("components.app", "from stacks.config import load_settings"),
        ("stacks.config", "import __main__"),
    ],
)
def test_an_import_that_points_right_is_caught(module: str, source: str) -> None:
    assert check_direction(module, source)


@pytest.mark.parametrize(
    "source",
    [
        "import pulumi",
        "from pulumi_kubernetes import core",
        "def f():\n    import os",
        "from pathlib import Path",
        "import time, json",
        "from datetime import datetime",
        "import random",
        "import yaml",
        "import lightkube",
        "open('x')",
        "print('x')",
    ],
)
def test_a_core_that_looks_outside_is_caught(source: str) -> None:
    assert check_core("mesh_canary.release.plan", source)


def test_an_import_of_a_tool_is_caught() -> None:
    assert check_apart("stacks.config", "from local_cluster.api import up", TOOLS)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("mesh_canary.release.plan", "from mesh_canary.settings import Stage\nimport json"),
        ("stacks.apps", "from components.app import App\nfrom mesh_canary.routing import names"),
    ],
)
def test_an_import_that_points_left_is_fine(module: str, source: str) -> None:
    assert check_direction(module, source) == []
