"""Every scenario but the first, walked to its end; what else one has to show is in a file of its own."""

import pytest

from demo.scenarios import SCENARIOS
from tests.cluster.scenarios.conftest import Walker

WALKED = [name for name in SCENARIOS if name != "release"]
"""The release of reviews is walked by `tests/cluster/walk.py`, which looks closer; `make scenarios` walks it too."""


@pytest.mark.parametrize("name", WALKED)
def test_a_scenario_is_walked_as_intended_and_leaves_nothing(name: str, walk: Walker) -> None:
    result = walk(name)

    assert result.all_complaints == []
    assert result.settled
    assert result.removal is not None
    assert result.removal.left == ()
