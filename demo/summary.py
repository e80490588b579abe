"""The table at the end of a walk, and the bars that show who got what. Writes nothing."""

from collections.abc import Mapping, Sequence

from rich.table import Table

from demo.measure import DirectCalls
from demo.results import ChapterResult, WalkResult
from demo.service import Service
from demo.statistics import display_interval
from demo.story import Chapter

CELLS = 40
_FILLS = "█░▒▓"
_COLOURS = ("blue", "green", "magenta", "yellow")
_COLUMNS = (
    "stage",
    "intended",
    "measured",
    "of",
    "interval",
    "testers",
    "copies",
    "failed",
    "up s",
)
LEGEND = "interval: 99 %, Clopper-Pearson; failed: of the background load"


def make_table(result: WalkResult) -> Table:
    """One row per stage that was walked; the share is the canary's. Fits into 80 columns."""
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for column in _COLUMNS:
        table.add_column(column, no_wrap=column != "stage")  # titles may be long
    for found in result.chapters:
        table.add_row(*_row(found))
    return table


def make_bar(counts: Mapping[str, int], versions: Sequence[str]) -> str:
    """Forty cells in rich's markup; fill and colour go by the place among `versions`."""
    bar = ""
    for version, cells in share_cells(counts).items():
        index = versions.index(version) if version in versions else -1
        fill, colour = _FILLS[index % len(_FILLS)], _COLOURS[index % len(_COLOURS)]
        bar += f"[{colour}]{fill * cells}[/]"
    return bar


def share_cells(counts: Mapping[str, int]) -> dict[str, int]:
    """Cells of the bar by version; a version that answered anything has at least one."""
    total = max(1, sum(counts.values()))
    cells = {v: max(1, round(CELLS * n / total)) for v, n in counts.items() if n}
    while sum(cells.values()) > CELLS:
        largest = max(cells, key=lambda version: cells[version])
        cells[largest] -= 1
    return cells


def explain_counts(counts: Mapping[str, int]) -> str:
    """Counts with their shares: v1 1791 (89.55 %), v2 209 (10.45 %)."""
    total = max(1, sum(counts.values()))
    return ", ".join(f"{v} {n} ({100 * n / total:.2f} %)" for v, n in counts.items()) or "none"


def explain_shares(counts: Mapping[str, int]) -> str:
    """Shares alone: v1 89.6 %, v2 10.4 %."""
    total = max(1, sum(counts.values()))
    return ", ".join(f"{v} {100 * n / total:.1f} %" for v, n in counts.items())


def stage_title(chapter: Chapter) -> str:
    """The stage with its versions: v1→v2 dark."""
    return f"{'→'.join(sorted(chapter.shares))} {chapter.title}".lstrip()


def explain_way(service: Service) -> str:
    """How requests were sent, where it is not the usual way."""
    if not service.from_inside:
        return ""
    return " by the client pod" + (", a connection each" if service.new_connections else "")


def explain_tester(service: Service) -> str:
    """How testers asked."""
    tester = service.tester
    if tester is None or tester.user:
        return "views logged in"
    return f"with {', '.join(f'{name}: {value}' for name, value in tester.asks.headers.items())}"


def explain_direct(direct: DirectCalls, service: Service) -> str:
    """What a version said at its own address."""
    said = f"client pod to {direct.address}: {explain_counts(direct.by_version)}"
    return f"{said}, {direct.stars or 'no'} stars" if service.stars else said


def _row(found: ChapterResult) -> tuple[str, ...]:
    measured, chapter = found.measured, found.chapter
    end = (f"{found.load_failed}/{found.load_sent}", f"{found.up_seconds:.1f}")
    if measured is None:
        return (stage_title(chapter), *("-",) * (len(_COLUMNS) - 3), *end)
    canary, intended = list(chapter.shares.items())[-1]
    count, answered = measured.answers.by_version.get(canary, 0), measured.answers.answered
    low, high = display_interval(count, max(1, answered))
    testers = measured.testers
    seen = testers.by_version.get(chapter.testers_see, 0) if testers else 0
    return (
        stage_title(chapter),
        f"{canary} {intended:g} %",
        f"{100 * count / max(1, answered):.2f} %",
        str(answered),
        f"{low:.1f}-{high:.1f}",
        f"{seen}/{testers.sent}" if testers else "-",
        str(measured.copies(chapter.copies_to)) if chapter.copies_to else "-",
        *end,
    )
