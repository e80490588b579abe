"""The walks that can be asked for by name. A new one is a file here and a line in `SCENARIOS`."""

from demo.scenarios import own_service, release
from demo.story import Story

SCENARIOS: dict[str, Story] = {story.name: story for story in (release.STORY, own_service.STORY)}
"""By name; the first is walked when none is named."""
