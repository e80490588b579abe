"""Every scenario there is, walked to its end; what else one has to show is in a file of its own."""

import pytest

from demo.scenarios import SCENARIOS
from tests.cluster.scenarios.conftest import Walker


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_is_walked_as_intended_and_leaves_nothing(name: str, walk: Walker) -> None:
    result = walk(name)

    assert result.all_complaints == []
    assert result.settled
    assert result.removal is not None
    assert result.removal.left == ()
