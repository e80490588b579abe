"""Turns what pydantic found into problems that an operator understands: pure, one rule per kind of error."""

import difflib
import json
from collections.abc import Mapping, Sequence
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from mesh_canary.settings.fields import RULES
from mesh_canary.settings.problems import Contradiction, Problem

Loc = tuple[int | str, ...]

TYPES = {
    "int_type": ("a whole number", "without quotes and without a point: 10"),
    "bool_type": ("true or false", "without quotes"),
    "string_type": ("text", "put it in quotes"),
    "dict_type": ("keys below it", "see Pulumi.yaml for what belongs here"),
    "model_type": ("keys below it", "see Pulumi.yaml for what belongs here"),
    "tuple_type": ("a list", "for example [10, 50]"),
    "float_type": ("a number", "without quotes: 0.5"),
    "float_parsing": ("a number", "without quotes: 0.5"),
}
QUOTED = 80
"""How many characters of a value are shown."""
LIMITS = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}


def problems_of(
    error: ValidationError,
    root: type[BaseModel],
    raw: Mapping[str, object],
    secret_keys: frozenset[str],
) -> list[Problem]:
    """Every problem of `error`, with paths and values as they stand in the stack file."""
    found: list[Problem] = []
    for details in error.errors(include_url=False):
        cause = details.get("ctx", {}).get("error")
        key = path_of(details["loc"])
        if isinstance(cause, Contradiction):
            found += [problem.below(key) if key else problem for problem in cause.problems]
        else:
            value = _quote(raw, details["loc"], secret_keys)
            rule, hint = _rule(details, root)
            found.append(Problem(key, value, rule, hint))
    return found


def path_of(loc: Sequence[int | str]) -> str:
    """A location as it is typed: ('releases', 'reviews', 'steps', 1) is releases.reviews.steps[1]."""
    path = ""
    for part in loc:
        if part == "[key]":
            continue
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
    return path


def _quote(raw: Mapping[str, object], loc: Loc, secret_keys: frozenset[str]) -> str:
    """The scalar at `loc` as JSON; empty where there is none, or where it is no one's business."""
    if not loc or loc[-1] == "[key]":
        return ""
    if loc[0] in secret_keys or "env" in loc:
        return "[hidden]"
    value: Any = raw
    for part in loc:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return ""
    if isinstance(value, dict | list):
        return ""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= QUOTED else f"{text[: QUOTED - 3]}..."


def _rule(details: ErrorDetails, root: type[BaseModel]) -> tuple[str, str]:
    """Rule and way out for one error of pydantic's."""
    kind, context = details["type"], details.get("ctx", {})
    if kind == "extra_forbidden":
        return "no such key", _similar(str(details["loc"][-1]), _keys_at(root, details["loc"][:-1]))
    if kind == "missing":
        return "needed here", "add the key"
    if kind == "string_pattern_mismatch":
        rule = RULES[context["pattern"]]
        return f"not {rule.split('(')[0].strip()}", f"for example {rule[rule.rindex('(') + 1 : -1]}"
    if kind in TYPES:
        rule, hint = TYPES[kind]
        return f"has to be {rule}", hint
    if kind in ("literal_error", "enum"):
        return "not one of the choices", f"one of: {context['expected']}"
    for limit, words in LIMITS.items():
        if limit in context:
            return f"has to be {words} {context[limit]:g}", "choose another value"
    if kind == "value_error":
        return str(context["error"]), "write it as the rule says"
    return details["msg"].lower(), "see Pulumi.yaml for what belongs here"


def _similar(key: str, keys: Sequence[str]) -> str:
    near = difflib.get_close_matches(key, keys, n=1)
    return f"did you mean {near[0]}?" if near else f"the keys here are: {', '.join(keys)}"


def _keys_at(root: type[BaseModel], loc: Loc) -> list[str]:
    """The keys that the model at `loc` knows; names of apps and releases are passed over."""
    annotation: Any = root
    for part in loc:
        if get_origin(annotation) in (
            dict,
            tuple,
        ):  # a name or a position: what follows is the value's type
            annotation = (
                get_args(annotation)[-1]
                if get_origin(annotation) is dict
                else get_args(annotation)[0]
            )
        else:
            model = _model_in(annotation)
            annotation = model.model_fields[str(part)].annotation if model else None
    model = _model_in(annotation)
    return list(model.model_fields) if model else []


def _model_in(annotation: Any) -> Any:
    """The settings class inside an annotation such as dict[str, AppSettings] or MeshSettings | None."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in get_args(annotation):
        if found := _model_in(argument):
            return found
    return None
