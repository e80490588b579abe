"""`python -m demo.table`: fill in the README's table of scenarios from the walks that were kept.

A walk is kept when it ran to its `pulumi destroy`, by `python -m demo NAME --destroy` or by the tests
of `tests/cluster/scenarios`. A scenario that was not walked since keeps the row it has.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from demo.results import WalkResult
from demo.scenarios import SCENARIOS
from demo.story import Story

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
KEPT = ROOT / "build" / "scenarios"
"""One JSON file per scenario, of its last walk; git-ignored."""

BEGIN, END = "<!-- scenarios: filled in by `make scenarios` -->", "<!-- end of scenarios -->"
_HEAD = (
    "| scenario | installs | walks up | walks back | traffic measured | removed clean |",
    "|---|---|---|---|---|---|",
)
_NOT_WALKED = ("not walked yet", "", "", "", "")

Row = tuple[str, ...]


def keep(result: WalkResult) -> None:
    """The walk's results are there for the table."""
    KEPT.mkdir(parents=True, exist_ok=True)
    (KEPT / f"{result.story}.json").write_text(json.dumps(result.as_data(), indent=2) + "\n")


def fill(page: str, kept: Mapping[str, Mapping[str, Any]]) -> str:
    """The page with a row for every scenario; `kept` has what walks found, by scenario."""
    before, _, rest = page.partition(BEGIN)
    old, _, after = rest.partition(END)
    rows = {**rows_in(old), **{name: row_of(SCENARIOS[name], kept[name]) for name in kept}}
    lines = [f"| {_link(name)} | {' | '.join(rows.get(name, _NOT_WALKED))} |" for name in SCENARIOS]
    return f"{before}{BEGIN}\n" + "\n".join([*_HEAD, *lines]) + f"\n{END}{after}"


def rows_in(table: str) -> dict[str, Row]:
    """The cells of a table by the scenario in the first of them."""
    lines = [line for line in table.splitlines() if line.startswith("| [")]
    split = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {cells[0].strip("[").partition("]")[0]: tuple(cells[1:]) for cells in split}


def row_of(story: Story, data: Mapping[str, Any]) -> Row:
    """The cells of a walk after the first one."""
    seen_wrong = any(seen["finding"]["complaints"] for seen in data["first_seen"])
    removal = data["removal"]
    unsettled = "" if data["settled"] else ", and is not settled"
    return (
        "yes" if data["setup_seconds"] and not seen_wrong else "**no**",
        _walked(story, data, back=False),
        _walked(story, data, back=True) + unsettled,
        _traffic(data),
        "yes" if removal and not removal["left"] else "**no**",
    )


def _walked(story: Story, data: Mapping[str, Any], *, back: bool) -> str:
    planned = sum(chapter.back == back for chapter in story.chapters)
    found = [chapter for chapter in data["chapters"] if chapter["chapter"]["back"] == back]
    good = sum(not chapter["complaints"] for chapter in found)
    return f"{good} of {planned}" if good == planned else f"**{good} of {planned}**"


def _traffic(data: Mapping[str, Any]) -> str:
    """Requests that may not fail, and beside them those of the chapters that intend failures."""
    load, intended = data["load"] or {"sent": 0, "failed": 0}, data["intended"]
    sent, failed = load["sent"], load["failed"]
    for chapter in data["chapters"]:
        measured = chapter["measured"] or {}
        for answers in (measured.get("answers"), measured.get("testers")):
            if answers and not chapter["chapter"]["faults"]:
                sent, failed = sent + answers["sent"], failed + answers["failed"]
    text = f"{sent:,} requests, {failed} failed"
    return f"{text}; {intended['failed']} of {intended['sent']:,} on purpose" if intended else text


def _link(name: str) -> str:
    page = f"examples/{name}.md"
    return f"[{name}]({page if (ROOT / page).exists() else '#see-it-make-demo'})"


def _kept() -> dict[str, dict[str, Any]]:
    """The walks that were kept; not those of a story that had other chapters then."""
    files = {path.stem: path for path in KEPT.glob("*.json")} if KEPT.exists() else {}
    walks = {name: json.loads(files[name].read_text()) for name in SCENARIOS if name in files}
    return {name: data for name, data in walks.items() if is_of(SCENARIOS[name], data)}


def is_of(story: Story, data: Mapping[str, Any]) -> bool:
    """Whether a walk is one of the story as it is now, as far as its chapters' titles tell."""
    walked = [chapter["chapter"]["title"] for chapter in data["chapters"]]
    titles = [chapter.title for chapter in story.chapters]
    return data["chapters_planned"] == len(titles) and walked == titles[: len(walked)]


if __name__ == "__main__":
    kept = _kept()
    README.write_text(fill(README.read_text(), kept))
    print(f"{README.name}: {', '.join(kept) or 'no walk is kept; `make scenarios` walks them all'}")
