"""Secrets in plain text beside encrypted ones: Pulumi says of a whole key that it is secret, so we look ourselves."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from mesh_canary.settings.rules_secrets import check_each_encrypted
from tests.builders import MADE_UP, pitstop_config
from tests.components.recorder import refused

ENCRYPTED = {"secure": "AAABAN0"}
GIVEN = {"secrets": {"pitstop": MADE_UP}}


def written(**plain: str) -> dict[str, Any]:
    """A stack file's secrets: encrypted all of them, but for those in `plain`."""
    return {"secrets": {"pitstop": {**dict.fromkeys(MADE_UP, ENCRYPTED), **plain}}}


def test_encrypted_secrets_are_fine() -> None:
    assert check_each_encrypted(GIVEN, written()) == []


def test_one_in_plain_text_is_found_and_not_quoted() -> None:
    (problem,) = check_each_encrypted(GIVEN, written(sa_password=MADE_UP["sa_password"]))

    assert problem.key == "secrets.pitstop.sa_password"
    assert MADE_UP["sa_password"] not in str(problem)


@pytest.mark.parametrize("content", [{}, {"secrets": None}, {"secrets": {"pitstop": ENCRYPTED}}])
def test_a_file_that_is_another_ones_says_nothing(content: dict[str, Any]) -> None:
    assert check_each_encrypted(GIVEN, content) == []


def test_the_program_looks_into_the_stacks_own_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = {f"mesh-canary:{k}": v for k, v in written(sa_password="Made-up-1").items()}
    (tmp_path / "Pulumi.dev.yaml").write_text(yaml.safe_dump({"config": config}))
    monkeypatch.chdir(tmp_path)
    message, run = refused(pitstop_config())

    assert "secrets.pitstop.sa_password - in plain text in the stack file" in message
    assert "Made-up" not in message
    assert run.resources == []
