"""Keeps secrets out of messages: nothing that stands below a key that Pulumi calls secret is ever quoted."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from mesh_canary.settings.problems import Problem

HIDDEN = "[hidden]"


def without_secrets(
    problems: Iterable[Problem], raw: Mapping[str, object], secret_keys: frozenset[str]
) -> list[Problem]:
    """The same problems; what `raw` holds below `secret_keys` stands in them as [hidden]."""
    texts = {text for key in secret_keys for text in _texts_in(raw.get(key))} - {""}
    if not texts:
        return list(problems)
    longest_first = sorted(texts, key=len, reverse=True)
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")
    return [_hide(problem, pattern, secret_keys) for problem in problems]


def _hide(problem: Problem, pattern: re.Pattern[str], secret_keys: frozenset[str]) -> Problem:
    shown = pattern.sub(HIDDEN, problem.value)
    if problem.key.partition(".")[0] in secret_keys and problem.value:
        shown = HIDDEN
    rule, hint = pattern.sub(HIDDEN, problem.rule), pattern.sub(HIDDEN, problem.hint)
    return replace(problem, value=shown, rule=rule, hint=hint)


def _texts_in(value: object) -> Iterator[str]:
    """Every scalar below `value` as text, but for true, false and null, which say nothing."""
    match value:
        case dict():
            for below in value.values():
                yield from _texts_in(below)
        case list():
            for below in value:
                yield from _texts_in(below)
        case str() | float():
            yield str(value)
        case int() if not isinstance(value, bool):
            yield str(value)
