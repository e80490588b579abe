"""What a proxy does with a request, by the rules of a VirtualService: the first rule that matches decides."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Rule = Mapping[str, Any]


@dataclass(frozen=True)
class Request:
    """One request, as far as rules of ours ask for it."""

    method: str = "GET"
    path: str = "/"
    headers: Mapping[str, str] = field(default_factory=dict)


def rule_for(rules: list[Rule], request: Request) -> Rule | None:
    """The rule that decides; None where none matches, which a proxy answers with 404."""
    return next((rule for rule in rules if _matches(rule, request)), None)


def _matches(rule: Rule, request: Request) -> bool:
    """Blocks are alternatives, what stands in a block holds together; a rule without blocks matches everything."""
    blocks = rule.get("match")
    return blocks is None or any(_holds(block, request) for block in blocks)


def _holds(block: Rule, request: Request) -> bool:
    assert set(block) <= {"headers", "method", "uri"}, block
    headers = block.get("headers", {})
    return (
        all(request.headers.get(name) == match["exact"] for name, match in headers.items())
        and block.get("method", {"exact": request.method})["exact"] == request.method
        and request.path.startswith(block.get("uri", {"prefix": ""})["prefix"])
    )
