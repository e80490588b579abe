"""The operator's tags, on everything that a stack makes."""

from pathlib import Path

import pytest

from tests.components.recorder import STACK_FILES, config_of, run_program

TAGS = {"project": "shop", "env": "prod"}


@pytest.mark.parametrize("path", STACK_FILES, ids=lambda path: path.name)
def test_tags_are_on_every_object_of_a_stack_file(path: Path) -> None:
    """But for Helm's own releases, whose charts label what they make."""
    run = run_program({**config_of(path), "tags": TAGS})
    made = [
        r for r in run.resources if r.is_object and not r.read and not r.type.endswith("Release")
    ]

    assert made
    for resource in made:
        assert resource.inputs["metadata"]["labels"].items() >= TAGS.items(), resource.name
        assert resource.inputs["metadata"]["annotations"].items() >= TAGS.items(), resource.name


def test_without_tags_an_object_is_as_it_was() -> None:
    """Or every pod would restart with a new version of the program."""
    config = config_of(STACK_FILES[0])
    plain, none = run_program(config), run_program({**config, "tags": {}})

    assert {r.urn: r.inputs for r in none.resources} == {r.urn: r.inputs for r in plain.resources}
