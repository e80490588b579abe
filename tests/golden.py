"""Files that a person reviews: compared as a whole, rewritten by `make golden` only."""

import os
from pathlib import Path

import pytest

REWRITE = os.environ.get("GOLDEN") == "rewrite"


def assert_golden(path: Path, actual: str) -> None:
    """The file at `path` holds `actual`; with GOLDEN=rewrite it does afterwards."""
    if REWRITE:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(actual)
    if not path.exists():
        pytest.fail(f"{path.name} is missing; `make golden` writes it")

    assert path.read_text() == actual, "`make golden` rewrites it; review the difference"
