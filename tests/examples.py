"""The stack files of `examples/`, and their config as a run of the program gets it."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from demo.scenarios import SCENARIOS
from demo.stack_file import PREFIX, StackFile

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
DECRYPTED = "decrypted-1"
"""In place of whatever an example has encrypted."""


def example_config(path: Path) -> dict[str, Any]:
    """What an example says, with the secrets that its scenario makes up and the operator would set."""
    config = config_of(yaml.safe_load(path.read_text()))
    story = SCENARIOS.get(path.stem)
    with TemporaryDirectory() as folder:
        file = StackFile(Path(folder) / path.name, path, salt="")
        for place, value in story.secrets.items() if story else ():
            file.edit({place: value})
            top = place.partition(".")[0]
            config[top] = file.value_at(top)
    return config


def config_of(content: dict[str, Any]) -> dict[str, Any]:
    """The config of a stack file's content, without the project's prefix; what is encrypted is a word."""
    return {key.removeprefix(PREFIX): opened(value) for key, value in content["config"].items()}


def secret_keys(name: str) -> frozenset[str]:
    """The top-level keys below which a scenario has something encrypted."""
    story = SCENARIOS.get(name)
    return story.secret_keys if story else frozenset()


def opened(value: Any) -> Any:
    """The value with a word in place of whatever is encrypted in it."""
    match value:
        case {"secure": _}:
            return DECRYPTED
        case dict():
            return {key: opened(below) for key, below in value.items()}
        case list():
            return [opened(below) for below in value]
    return value
