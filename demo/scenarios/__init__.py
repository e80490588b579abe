"""The walks that can be asked for by name. A new one is a file here and a line in `_STORIES`."""

from demo.scenarios import (
    own_service,
    release,
)
from demo.story import Story

_STORIES = (
    release.STORY,
    own_service.STORY,
)

SCENARIOS: dict[str, Story] = {story.name: story for story in _STORIES}
"""By name; the first is walked when none is named."""
