"""What a walk is made of: chapters, each an edit of the stack file and what users then get.

Data only. Which chapters there are is decided in `scenarios/`; `walk.py` goes through them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from demo.scene import Check
from demo.service import Service, Target
from demo.stack_file import Path

ALL_PERCENT = 100
_ONE_DECIDES = 2
"""Of so many shares one says what the other is."""

Edits = Mapping[Path, Any]
"""New value by place in the stack file: `apps.bookinfo.sidecars`, or a tuple where a name has a dot.
`GONE` takes the key out."""


@dataclass(frozen=True)
class Chapter:
    """One step: the operator's edit, and what has to be true after `pulumi up`."""

    title: str
    edit: Mapping[str, Any] = field(default_factory=dict)
    """What changes in the release's entry of the stack file, key to value."""
    shares: Mapping[str, float] = field(default_factory=dict)
    """Percent of live requests by version; sums to 100. A version with 0 gets not a single one.
    Empty: no shares are measured in this chapter."""
    testers_see: str = ""
    """The version that answers every request of a tester; empty: testers are not asked."""
    copies_to: str | None = None
    """The version that gets a copy of every live GET, if any."""
    posts_are_copied: bool = False
    """Whether it gets one of every POST as well."""
    called_directly: str | None = None
    """A version that the client pod calls at its pod's own address, past every route."""
    edits: Edits = field(default_factory=dict)
    """What changes anywhere in the stack file. Without any edit, a chapter only looks."""
    secrets: Mapping[str, str] = field(default_factory=dict)
    """Made-up values that are encrypted into the stack file with these edits, by dotted path."""
    service: Service | None = None
    """The service that is looked at, where it is another than the story's."""
    before: tuple[Check, ...] = ()
    """What is looked at before the edit."""
    checks: tuple[Check, ...] = ()
    """What is looked at after `pulumi up` and after the shares were measured."""
    refused: tuple[str, ...] = ()
    """Texts of the refusal: the preview fails with all of them, and the edit is taken back."""
    faults: str = ""
    """Why answers may fail here: the load of this chapter is counted and not judged."""
    loads: tuple[Target, ...] | None = None
    """The background load from this chapter on; None: as before."""
    back: bool = False
    """Whether this is a way back: a rollback, or something taken away again."""

    @property
    def sampled_percents(self) -> tuple[float, ...]:
        """The shares on which the size of the sample depends. Of two, the smaller one decides."""
        shares = sorted(share for share in self.shares.values() if share) or [ALL_PERCENT]
        return (shares[0],) if len(shares) <= _ONE_DECIDES else tuple(shares)

    @property
    def checks_by_chance(self) -> int:
        """How many of its shares are judged by chance; of two, one decides the other."""
        by_chance = sum(0 < share < ALL_PERCENT for share in self.shares.values())
        return 1 if by_chance == _ONE_DECIDES else by_chance


@dataclass(frozen=True)
class Story:
    """A scenario walked from its set-up to its end."""

    name: str
    summary: str
    """One line for the list of scenarios."""
    chapters: tuple[Chapter, ...]
    service: Service
    """The service that is looked at in every chapter that names no other."""
    loads: tuple[Target, ...]
    """What the background load asks from the set-up on; each of them has to answer first."""
    sets_up: str = "mesh, gateway and apps"
    """What the first `pulumi up` brings, in a few words."""
    answers_first: str = "the app"
    """Who answers then, in a few words."""
    looked_at: Target | None = None
    """What a person would look at, where it is not the first of `loads`."""
    template: str = ""
    """The stack file that is copied; empty: `examples/<name>.yaml`."""
    starts_with: Edits = field(default_factory=dict)
    """What is other than in the template at the set-up. Releases are left out then in any case: a
    release's entry is copied at its first edit."""
    images: tuple[str, ...] = ()
    """Images (globs, without a tag) that the local cluster plays by its generic stand-in."""
    secrets: Mapping[str, str] = field(default_factory=dict)
    """Made-up values that are encrypted into the stack file before the first `up`, by dotted path."""
    prepared_by: tuple[Check, ...] = ()
    """What is looked at, or done by somebody else, before the first `up`."""
    first_checks: tuple[Check, ...] = ()
    """What is looked at after the set-up, before the first chapter."""
    crds_stay: bool = True
    """Whether `pulumi destroy` leaves Istio's resource definitions, as its charts have it."""

    @property
    def page(self) -> Target | None:
        """What a person would look at: the named page, or the first target of the load."""
        return self.looked_at or (self.loads[0] if self.loads else None)

    @property
    def template_path(self) -> str:
        """The stack file that is copied, from the clone's folder."""
        return self.template or f"examples/{self.name}.yaml"

    @property
    def secret_keys(self) -> frozenset[str]:
        """The top-level keys of the stack file below which something is encrypted at some time."""
        every = (self.secrets, *(chapter.secrets for chapter in self.chapters))
        return frozenset(place.partition(".")[0] for secrets in every for place in secrets)

    @property
    def stack(self) -> str:
        """The name of the stack; the copy of the stack file is called so too."""
        return "demo" if self.name == "release" else f"demo-{self.name}"

    @property
    def checks(self) -> int:
        """How many shares are judged by chance; they divide the false-alarm rate of the run."""
        return max(1, sum(chapter.checks_by_chance for chapter in self.chapters))

    @property
    def versions(self) -> tuple[str, ...]:
        """Every version that occurs, sorted."""
        return tuple(sorted({v for chapter in self.chapters for v in chapter.shares}))

    def service_of(self, chapter: Chapter) -> Service:
        """The service that a chapter looks at."""
        return chapter.service or self.service
