import json
import os
from pathlib import Path

import pytest

from demo.pulumi_stack import PulumiError, errors_in, run


def test_a_refused_preview_shows_the_programs_own_words() -> None:
    said = {
        "steps": [],
        "diagnostics": [
            {"severity": "warning", "message": "by the way"},
            {"severity": "error", "message": "releases.reviews.stage: promoted\n  hint: dark"},
        ],
    }

    assert errors_in(json.dumps(said)) == "releases.reviews.stage: promoted\n  hint: dark"


@pytest.mark.parametrize("text", ["error: no stack named demo", "{}", "[]"])
def test_anything_else_is_shown_as_it_is(text: str) -> None:
    assert errors_in(text) == text


def test_a_failed_command_is_told_with_its_status_and_last_lines(tmp_path: Path) -> None:
    command = ["sh", "-c", "echo first; echo second >&2; exit 3"]

    with pytest.raises(PulumiError, match=r"exit status 3") as raised:
        run(command, dict(os.environ), tmp_path)

    assert str(raised.value).splitlines()[-2:] == ["second", "first"]


def test_a_command_that_succeeded_gives_its_output_and_time(tmp_path: Path) -> None:
    ran = run(["sh", "-c", "pwd"], dict(os.environ), tmp_path)

    assert ran.output.strip() == str(tmp_path)
    assert ran.seconds > 0
