"""Turns what pydantic found into problems that an operator understands: pure, one rule per kind of error."""

import difflib
import json
from collections.abc import Mapping, Sequence
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from mesh_canary.settings.fields import RULES
from mesh_canary.settings.mesh import MESHES
from mesh_canary.settings.problems import Contradiction, Problem
from mesh_canary.settings.secrets import HIDDEN

Loc = tuple[int | str, ...]
LONGEST = 80
"""How much of a value is quoted, in characters."""

TYPES = {
    "int_type": ("a whole number", "without quotes and without a point: 10"),
    "bool_type": ("true or false", "without quotes"),
    "string_type": ("text", "put it in quotes"),
    "dict_type": ("named entries", "write them as keys below it, without dashes"),
    "model_attributes_type": ("keys with values", "write them below it; Pulumi.yaml says which"),
    "model_type": ("keys with values", "write them below it; Pulumi.yaml says which"),
    "tuple_type": ("a list", "put it in brackets: [...]"),
    "float_type": ("a number", "without quotes: 0.5"),
}
LIMITS = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
EXAMPLES = {
    "cluster": "for example {context: local}",
    "context": "the name of a context in the kubeconfig",
    "kind": f"one of: {', '.join(MESHES)}",
    "install": "true, or false for a mesh that is there already",
    "namespace": "the namespace in the cluster",
    "workload": "the name of one of the app's workloads",
    "image": "for example image: docker.io/team/cart:1.4.2",
    "port": "the port that the container listens on",
    "service": "the name of the workload under release",
    "stable": "for example stable: {version: v1, image: ...}",
    "canary": "for example canary: {version: v2, image: ...}",
    "version": "for example version: v2",
    "stage": "set stage: dark to begin",
    "steps": "the ladder of weights, for example steps: [10, 50]",
    "admin_password": "pulumi config set --secret --path mesh-canary:addons.grafana.admin_password",
    "signing_key": "16, 24 or 32 characters: pulumi config set --secret --path mesh-canary:addons.kiali.signing_key",
    "percent": "how many requests in a hundred, for example percent: 100",
    "from": "the workloads that may call it, for example from: [webapp]",
    "app": "the name of one of the apps",
    "pages": "paths by a name: pages: {home: /}",
    "minutes": "how long it runs at most, for example minutes: 10",
    "attempts": "how often to try again; 0 switches retries off",
}
"""What may stand at a key that is missing."""
PRIVATE = {
    "env",
    "testers",
    "headers",
    "files",
    "secrets",
    "admin_password",
    "signing_key",
    "certificate",
    "key",
}
"""Keys whose values are nobody's business."""
TAGS = "tags"
"""Below it every key is a name of the operator's, `env` among them."""


def problems_of(
    error: ValidationError, root: type[BaseModel], raw: Mapping[str, object]
) -> list[Problem]:
    """Every problem of `error`, with paths and values as they stand in the stack file."""
    found: list[Problem] = []
    for details in error.errors(include_url=False):
        cause = details.get("ctx", {}).get("error")
        loc = _as_typed(root, details)
        key = path_of(loc)
        if isinstance(cause, Contradiction):
            found += [problem.below(key) if key else problem for problem in cause.problems]
        else:
            rule, hint = _rule(details, root)
            found.append(Problem(key, _quote(raw, loc), rule, hint))
    return found


def path_of(loc: Sequence[int | str]) -> str:
    """A location as it is typed: ('releases', 'reviews', 'steps', 1) is releases.reviews.steps[1]."""
    path = ""
    for part in loc:
        if part == "[key]":
            continue
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
    return path


def _quote(raw: Mapping[str, object], loc: Loc) -> str:
    """The scalar at `loc` as JSON; empty where there is none."""
    value: Any = raw
    for part in loc:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return ""
    if isinstance(value, dict | list):
        return ""
    if PRIVATE & {*loc} and loc[0] != TAGS:
        return HIDDEN
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def _rule(details: ErrorDetails, root: type[BaseModel]) -> tuple[str, str]:
    """Rule and way out for one error of pydantic's."""
    kind, context, key = details["type"], details.get("ctx", {}), str(details["loc"][-1])
    if kind == "extra_forbidden":
        return "no such key", _similar(key, _keys_at(root, details["loc"][:-1]))
    if kind in ("missing", "union_tag_not_found"):
        key = "kind" if kind == "union_tag_not_found" else key
        return "needed here", EXAMPLES.get(key, "add the key")
    if kind == "union_tag_invalid":
        return "not one of the choices", f"one of: {_plain(context['expected_tags'])}"
    if kind == "string_pattern_mismatch":
        rule, _, example = RULES[context["pattern"]].rpartition(" (")
        return f"has to be {rule}", f"for example {example[:-1]}"
    if kind in TYPES:
        rule, hint = TYPES[kind]
        if kind == "string_type" and isinstance(details["input"], list | dict):
            hint = "write one value, without brackets, dashes or keys below it"
        return f"has to be {rule}", hint
    if kind in ("literal_error", "enum"):
        return "not one of the choices", f"one of: {_plain(context['expected'])}"
    if kind == "string_too_short":
        return "has to be text that is not empty", "set it, or leave the key out"
    for limit, words in LIMITS.items():
        if limit in context:
            return (
                f"has to be {words} {context[limit]:g}",
                f"set a number that is {words} {context[limit]:g}",
            )
    return details["msg"].lower(), "see Pulumi.yaml for what belongs here"


def _plain(choices: str) -> str:
    """Choices as they are typed in YAML: 'a', 'b' or 'c' is a, b, c."""
    return choices.replace(" or ", ", ").replace("'", "")


def _similar(key: str, keys: Sequence[str]) -> str:
    near = difflib.get_close_matches(key, keys, n=1)
    return f"did you mean {near[0]}?" if near else f"the keys here are: {', '.join(keys)}"


def _keys_at(root: type[BaseModel], loc: Loc) -> list[str]:
    """The keys that the model at `loc` knows; names of apps and releases are passed over."""
    _, annotation = _follow(root, loc)
    models = _models_in(annotation)
    return list(_fields_of(models[0])) if models else []


def _fields_of(model: type[BaseModel]) -> dict[str, Any]:
    """What belongs at each key, by the key as it is typed: `from` is a word of Python's."""
    return {f.alias or name: f.annotation for name, f in model.model_fields.items()}


def _as_typed(root: type[BaseModel], details: ErrorDetails) -> Loc:
    """Where an error is, without the kinds that pydantic puts between the keys for one of several classes."""
    loc, _ = _follow(root, details["loc"])
    return (*loc, "kind") if details["type"].startswith("union_tag") else loc


def _follow(root: type[BaseModel], loc: Loc) -> tuple[Loc, Any]:
    """The keys in `loc`, and what stands at its end: a class, or an annotation such as tuple[Port, ...]."""
    annotation: Any = root
    keys: list[int | str] = []
    for part in loc:
        arguments, models = get_args(annotation), _models_in(annotation)
        if get_origin(annotation) in (
            dict,
            tuple,
        ):  # a name or a position: the value's type follows
            annotation = arguments[-1] if get_origin(annotation) is dict else arguments[0]
        elif str(part) in ("[path]", "[check]"):  # one of two shapes of the same key
            continue
        elif len(models) > 1:
            annotation = next((m for m in models if _is_kind(m, part)), None)
            continue
        else:
            annotation = _fields_of(models[0]).get(str(part)) if models else None
        keys.append(part)
    return tuple(keys), annotation


def _is_kind(model: type[BaseModel], kind: object) -> bool:
    return kind in get_args(model.model_fields["kind"].annotation)


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    """The settings classes inside an annotation such as dict[str, AppSettings] or MeshSettings | None."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in get_args(annotation) for model in _models_in(argument)]
