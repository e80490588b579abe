"""What a walk is made of: chapters, each one edit of the stack file and what users then get.

Data only. Which chapters there are is decided in `scenarios/`; `walk.py` goes through them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ALL_PERCENT = 100
STARS: Mapping[str, str | None] = {"v1": None, "v2": "black", "v3": "red"}
"""The colour of the stars by version of reviews. Source: samples/bookinfo of Istio 1.31."""


@dataclass(frozen=True)
class Chapter:
    """One stage of the release: the operator's edit, and what has to be true after `pulumi up`."""

    title: str
    edit: Mapping[str, Any]
    """What changes in the release's entry of the stack file, key to value."""
    shares: Mapping[str, int]
    """Percent of live requests by version; sums to 100. A version with 0 gets not a single one."""
    testers_see: str
    """The version that answers every request of a tester."""
    copies_to: str | None = None
    """The version that gets a copy of every live GET, if any."""
    called_directly: str | None = None
    """A version that the client pod calls at its pod's own address, past every route."""

    @property
    def sampled_percent(self) -> int:
        """The share on which the size of the sample depends: the smallest one that is not 0."""
        return min((share for share in self.shares.values() if share), default=ALL_PERCENT)


@dataclass(frozen=True)
class Story:
    """A release walked from its set-up to its end."""

    name: str
    summary: str
    """One line for the list of scenarios."""
    release: str
    """The entry's name in the stack file."""
    namespace: str
    service: str
    running: str
    """The version that runs before the release begins."""
    chapters: tuple[Chapter, ...]
    tester: str = "jason"

    @property
    def checks(self) -> int:
        """How many shares are judged by chance; they divide the false-alarm rate of the run."""
        by_chance = [c for c in self.chapters if c.sampled_percent < ALL_PERCENT]
        return max(1, len(by_chance))

    @property
    def versions(self) -> tuple[str, ...]:
        """Every version that occurs, sorted."""
        return tuple(sorted({v for chapter in self.chapters for v in chapter.shares}))
