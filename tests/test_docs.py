"""What the documentation shows is what the program takes: every stack file and every snippet of one is read."""

import re
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from pydantic import BaseModel

from mesh_canary.settings import Problem, StackSettings, read_settings
from mesh_canary.settings.problems import Contradiction
from stacks.config import own_config
from tests.builders import with_secrets
from tests.examples import EXAMPLES, example_config, opened

ROOT = Path(__file__).parents[1]
PREFIX = "mesh-canary:"
PROJECT = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())
STACK_FILES = sorted(ROOT.glob("Pulumi.*.yaml"))
PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "examples").glob("*.md")),
]
MOST_LINES = 60
"""Of a page about an example: one screen."""
FENCE = re.compile(r"^( *)```ya?ml *\n(.*?)^\1```", re.MULTILINE | re.DOTALL)


def snippets_in(text: str) -> list[str]:
    """The YAML blocks of a page that hold config of ours."""
    return [block for _, block in FENCE.findall(text) if PREFIX in block]


def config_in(text: str) -> dict[str, Any]:
    """The config of a stack file, or of a snippet that shows some of its keys."""
    document = yaml.safe_load(text)
    config = document.get("config", document)
    return {k.removeprefix(PREFIX): v for k, v in config.items() if k.startswith(PREFIX)}


def problems_of(config: dict[str, Any]) -> list[Problem]:
    """What speaks against a config."""
    try:
        read_settings(with_secrets(opened(config)), frozenset({"secrets"}))
    except Contradiction as contradiction:
        return list(contradiction.problems)
    return []


def around(config: dict[str, Any]) -> dict[str, Any]:
    """A snippet with the keys that it leaves out, at whatever depth, as Pulumi.dev.yaml has them."""
    merged = _merged(config_in((ROOT / "Pulumi.dev.yaml").read_text()), config)
    assert isinstance(merged, dict)
    return merged


def _merged(ours: Any, theirs: Any) -> Any:
    if not isinstance(ours, dict) or not isinstance(theirs, dict):
        return theirs
    return {**ours, **{key: _merged(ours.get(key), value) for key, value in theirs.items()}}


SNIPPETS = {
    f"{path.name}, snippet {number}": block
    for path in PAGES
    for number, block in enumerate(snippets_in(path.read_text()), start=1)
}


@pytest.mark.parametrize("path", STACK_FILES, ids=lambda path: path.name)
def test_a_stack_file_of_the_repository_is_read(path: Path) -> None:
    assert problems_of(config_in(path.read_text())) == []


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_an_example_is_read(path: Path) -> None:
    """With the secrets that an operator would set."""
    assert problems_of(example_config(path)) == []


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_an_example_has_a_page_of_one_screen_that_the_table_names(path: Path) -> None:
    page = path.with_suffix(".md")
    table = (ROOT / "examples" / "README.md").read_text()

    assert len(page.read_text().splitlines()) <= MOST_LINES
    assert f"]({page.name})" in table
    assert f"]({path.name})" in table


def test_every_snippet_of_the_documentation_is_read() -> None:
    found = {
        name: problems
        for name, block in SNIPPETS.items()
        if problems_of(config_in(block)) and (problems := problems_of(around(config_in(block))))
    }

    assert found == {}


def test_snippets_are_found_in_a_page() -> None:
    page = (
        "text\n```yaml\nconfig:\n  mesh-canary:cluster: {context: a}\n```\n```yaml\nother: 1\n```\n"
    )

    assert [config_in(block) for block in snippets_in(page)] == [{"cluster": {"context": "a"}}]


def test_the_development_stack_file_is_among_those_that_are_read() -> None:
    assert "Pulumi.dev.yaml" in [path.name for path in STACK_FILES]


def test_pulumi_yaml_describes_every_key_and_no_other() -> None:
    assert set(PROJECT["config"]) == set(StackSettings.model_fields)


@pytest.mark.parametrize("key", StackSettings.model_fields)
def test_a_key_of_pulumi_yaml_has_a_type_and_a_description(key: str) -> None:
    described = PROJECT["config"][key]

    assert described["type"] == "object"
    assert len(described["description"].split()) >= 5


@pytest.mark.parametrize("key", StackSettings.model_fields)
def test_a_key_of_pulumi_yaml_may_be_left_out(key: str) -> None:
    """Pulumi refuses a stack file without a key that has no default, before we can say anything."""
    default = PROJECT["config"][key]["default"]
    config, _ = own_config({f"{PREFIX}{key}": yaml.safe_dump(default, default_flow_style=True)}, [])

    assert config == {}


@pytest.mark.parametrize("key", StackSettings.model_fields)
def test_a_description_names_every_key_below(key: str) -> None:
    description = PROJECT["config"][key]["description"]
    words = set(re.findall(r"[a-z_]+", description))
    models = _models_in(StackSettings.model_fields[key].annotation)

    assert models or key in ("secrets", "tags")  # whose keys are the operator's own
    assert [f for model in models for f in model.model_fields if f not in words] == []


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    """The settings classes inside an annotation such as dict[str, AppSettings] or MeshSettings | None."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in get_args(annotation) for model in _models_in(argument)]
