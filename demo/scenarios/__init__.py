"""The walks that can be asked for by name. A new one is a file here and a line in `_STORIES`."""

from demo.scenarios import (
    bookinfo_without_mesh,
    hello_mirroring,
    istio_from_nothing,
    own_service,
    pitstop,
    prod_canary,
    release,
)
from demo.story import Story

_STORIES = (
    release.STORY,
    bookinfo_without_mesh.STORY,
    istio_from_nothing.STORY,
    own_service.STORY,
    hello_mirroring.STORY,
    prod_canary.STORY,
    pitstop.STORY,
)

SCENARIOS: dict[str, Story] = {story.name: story for story in _STORIES}
"""By name; the first is walked when none is named."""
