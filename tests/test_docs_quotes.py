"""What the documentation quotes is what the program says: every message, and the table of stages."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mesh_canary.release import LiveRoute, Record, check_removal, check_transition, plan_release
from mesh_canary.release.transitions import MAY_FOLLOW
from mesh_canary.settings import ReleaseSettings, explain_problems
from tests.builders import a_live_route, a_record, a_release, a_version, an_image, at

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
QUOTE = re.compile(r"^ *```text\n(?P<text>.*?)^ *```", re.MULTILINE | re.DOTALL)
REJECTED = ROOT / "tests" / "settings" / "rejected"
NEXT_PAIR = {"stable": a_version("v1"), "canary": a_version("v3")}
CART: dict[str, Any] = {
    "namespace": "shop",
    "service": "cart",
    "stable": {"version": "1.4", "image": "registry.example.com/shop/cart:1.4.0"},
    "canary": {"version": "1.5", "image": "registry.example.com/shop/cart:1.5.0"},
    "steps": [5, 25, 50],
}


def quotes_in(page: str) -> list[str]:
    """The messages that a page quotes, without the indent that they have there."""
    blocks = [match["text"] for match in QUOTE.finditer(page)]
    return [_without_indent(text) for text in blocks if "nothing was changed" in text]


def _without_indent(text: str) -> str:
    lines = text.rstrip().splitlines()
    indent = len(lines[0]) - len(lines[0].lstrip())
    return "\n".join(line[indent:] for line in lines)


def refusal(release: ReleaseSettings, record: Record, live: LiveRoute | None = None) -> str:
    """What the preview says to an illegal move."""
    return explain_problems(check_transition(release.service, release, record, live, {}))


def real_messages() -> Iterator[str]:
    """Everything that the pages may quote, said by the program now."""
    yield from (path.read_text().rstrip() for path in REJECTED.glob("*.txt"))
    yield refusal(at(50), a_record("dark"))
    yield refusal(at("promoted"), a_record(10))
    yield refusal(at("dark", **NEXT_PAIR), a_record("promoted"))
    by_hand = a_live_route(weights={"v1": 70, "v2": 30}, written_weights={"v1": 50, "v2": 50})
    yield refusal(a_release(stage="promoted"), a_record(50), by_hand)
    retired = a_record("promoted", retire_stable=True)
    v1_stands = {("bookinfo", "reviews"): ("v1", an_image("v1"))}
    yield explain_problems(check_removal("reviews", retired, v1_stands, ("v2",)))
    yield from cart_messages()


def cart_messages() -> Iterator[str]:
    """The same for the service `cart` of the README."""
    dark = plan_release(at("dark", **CART, mirror_percent=None)).record
    at_5 = plan_release(at(5, **CART), dark).record
    image = {"version": "1.5", "image": "registry.example.com/shop/cart:1.5.1"}
    yield refusal(at("promoted", **CART, mirror_percent=None), dark)
    yield refusal(at(50, **CART), at_5)
    yield refusal(at(5, **{**CART, "canary": image}), at_5)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_quoted_message_is_what_the_program_says(path: Path) -> None:
    assert set(quotes_in(path.read_text())) <= set(real_messages())


def test_messages_are_quoted_at_all() -> None:
    assert len(quotes_in((ROOT / "README.md").read_text())) > 3


def test_the_table_of_stages_is_the_one_that_the_program_has() -> None:
    page = (ROOT / "docs" / "decisions" / "0004-ladder-and-stages.md").read_text()
    rows = [f"| {stage or 'nothing'} | {', '.join(after)} |" for stage, after in MAY_FOLLOW.items()]

    table = page.partition("<!-- MAY_FOLLOW -->\n")[2].partition("\n\n")[0]

    assert table.splitlines() == ["| after | may follow |", "|---|---|", *rows]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_link_within_the_repository_leads_somewhere(path: Path) -> None:
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", path.read_text())

    assert [link for link in links if not (path.parent / link).exists()] == []
