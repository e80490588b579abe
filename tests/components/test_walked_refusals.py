"""What a scenario wants to be refused is refused in the words that it waits for; found here in seconds."""

import pytest

from demo.scenarios import SCENARIOS
from tests.components.states import refusals_of_walk


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_walk_waits_for_the_words_that_the_program_says(name: str) -> None:
    assert refusals_of_walk(name) == ()
