"""What a walk has found out, as plain values: for the report, and for machines."""

from dataclasses import asdict, dataclass, field
from typing import Any

from demo.load import LoadResult
from demo.measure import Measurement
from demo.story import Chapter


@dataclass(frozen=True)
class ChapterResult:
    """One stage as it was found."""

    chapter: Chapter
    changes: tuple[str, ...]
    """The preview in lines."""
    notice: str
    """What users will notice, as the program puts it."""
    preview_seconds: float
    up_seconds: float
    measured: Measurement
    load_sent: int
    load_failed: int
    complaints: tuple[str, ...]


@dataclass
class WalkResult:
    """A walk so far, and at its end all of it."""

    story: str
    checks: int
    cluster_seconds: float = 0.0
    setup_seconds: float = 0.0
    """`pulumi up` of mesh, gateway and apps, until the page answers."""
    chapters: list[ChapterResult] = field(default_factory=list)
    load: LoadResult | None = None
    complaints: list[str] = field(default_factory=list)
    """Of the walk as a whole; those of a stage are with the stage."""
    seconds: float = 0.0

    @property
    def all_complaints(self) -> list[str]:
        """Everything that was not as intended, each with the stage it belongs to."""
        of_chapters = [
            f"{number}. {result.chapter.title}: {complaint}"
            for number, result in enumerate(self.chapters, start=1)
            for complaint in result.complaints
        ]
        return [*of_chapters, *self.complaints]

    def as_data(self) -> dict[str, Any]:
        """All of it for `--json`."""
        return {**asdict(self), "as_intended": not self.all_complaints}
