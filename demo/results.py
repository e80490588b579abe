"""What a walk has found out, as plain values: for the report, for machines, for the table of the README."""

from dataclasses import asdict, dataclass, field
from typing import Any

from demo.load import LoadResult
from demo.measure import Measurement
from demo.removal import Removal
from demo.scene import Finding
from demo.story import Chapter


@dataclass(frozen=True)
class Seen:
    """What one check said."""

    name: str
    finding: Finding


@dataclass(frozen=True)
class ChapterResult:
    """One chapter as it was found."""

    chapter: Chapter
    changes: tuple[str, ...]
    """The preview in lines."""
    notice: str
    """What users will notice, as the program puts it."""
    preview_seconds: float
    up_seconds: float
    measured: Measurement | None
    load_sent: int
    load_failed: int
    complaints: tuple[str, ...]
    seen: tuple[Seen, ...] = ()

    @property
    def requests(self) -> int:
        """How many were sent to measure."""
        return self.measured.answers.sent if self.measured else 0


@dataclass
class WalkResult:
    """A walk so far, and at its end all of it."""

    story: str
    checks: int
    chapters_planned: int = 0
    cluster_seconds: float = 0.0
    setup_seconds: float = 0.0
    """`pulumi up` of mesh, gateway and apps, until everything answers; 0 until it is done."""
    first_seen: list[Seen] = field(default_factory=list)
    chapters: list[ChapterResult] = field(default_factory=list)
    load: LoadResult | None = None
    intended: LoadResult | None = None
    """The load of chapters in which failures are intended."""
    settled: bool | None = None
    """Whether a further preview found nothing to do; None: not asked."""
    removal: Removal | None = None
    complaints: list[str] = field(default_factory=list)
    """Of the walk as a whole; those of a chapter are with the chapter."""
    seconds: float = 0.0

    @property
    def all_complaints(self) -> list[str]:
        """Everything that was not as intended, each with the chapter it belongs to."""
        of_chapters = [
            f"{number}. {result.chapter.title}: {complaint}"
            for number, result in enumerate(self.chapters, start=1)
            for complaint in result.complaints
        ]
        return [*of_chapters, *self.complaints]

    def as_data(self) -> dict[str, Any]:
        """All of it for `--json`, a chapter by its title and what it intends."""
        data = {**vars(self), "chapters": [_chapter_data(found) for found in self.chapters]}
        for key in ("load", "intended", "removal"):
            data[key] = asdict(data[key]) if data[key] else None
        data["first_seen"] = [asdict(seen) for seen in self.first_seen]
        return {**data, "as_intended": not self.all_complaints}


def _chapter_data(found: ChapterResult) -> dict[str, Any]:
    chapter = found.chapter
    intended = ("title", "shares", "testers_see", "copies_to", "faults", "back")
    return {
        **{key: value for key, value in vars(found).items() if key not in ("chapter", "seen")},
        "chapter": {key: getattr(chapter, key) for key in intended},
        "measured": asdict(found.measured) if found.measured else None,
        "seen": [asdict(seen) for seen in found.seen],
    }
