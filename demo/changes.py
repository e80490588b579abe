"""What a preview changes, in a few lines a person can read: which objects, which weights. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

_SIGNS = {"create": "+", "update": "~", "delete": "-", "replace": "±", "import": "="}
_MOST_LINES = 12

State = Mapping[str, Any]


def explain_changes(preview: Mapping[str, Any]) -> list[str]:
    """One line per object that changes, the routes with their rules before and after."""
    lines = [line for step in preview.get("steps", ()) for line in _explain_step(step)]
    return (
        lines
        if len(lines) <= _MOST_LINES
        else [*lines[:_MOST_LINES], f"… {len(lines) - _MOST_LINES} more"]
    )


def rules_of(inputs: Mapping[str, Any]) -> dict[str, str]:
    """The rules of a VirtualService by name, each as its weights: {"live": "v1 90 %, v2 10 %"}."""
    rules = {}
    for rule in inputs.get("spec", {}).get("http", ()):
        text = ", ".join(
            f"{entry['destination'].get('subset', 'any version')} {entry.get('weight', 100)} %"
            for entry in rule.get("route", ())
        )
        if "mirror" in rule:
            percent = rule.get("mirrorPercentage", {}).get("value", 100)
            methods = ", ".join(
                block["method"]["exact"] for block in rule.get("match", ()) if "method" in block
            )
            copied = f" of {methods}" if methods else ""
            text += f", and copies of {percent} %{copied} to {rule['mirror'].get('subset')}"
        text = f"{_fault_of(rule)}{text}"
        rules[str(rule.get("name", "route"))] = text
    return rules


def _fault_of(rule: Mapping[str, Any]) -> str:
    """The fault of a rule and for whom: "25 % get 500, for everyone; then ". Empty where it has none."""
    fault = rule.get("fault", {})
    said = [f"{_percent(f)} % wait {f['fixedDelay']}" for f in [fault.get("delay")] if f]
    said += [f"{_percent(f)} % get {f['httpStatus']}" for f in [fault.get("abort")] if f]
    if not said:
        return ""
    headers = {
        f"{name}: {match['exact']}"
        for block in rule.get("match", ())
        for name, match in block.get("headers", {}).items()
    }
    return f"{' and '.join(said)}, for {', '.join(sorted(headers)) or 'everyone'}; then "


def _percent(fault: Mapping[str, Any]) -> str:
    return f"{fault.get('percentage', {}).get('value', 100):g}"


def _explain_step(step: Mapping[str, Any]) -> Iterator[str]:
    sign = _SIGNS.get(step["op"])
    if sign is None or not _is_object(step):
        return
    old, new = _inputs(step.get("oldState")), _inputs(step.get("newState"))
    state = _state(step)
    kind, name = _kind(state["type"]), _name(state)
    match kind:
        case "VirtualService":
            yield from _explain_rules(f"{sign} {kind} {name}", rules_of(old), rules_of(new))
        case "DestinationRule":
            yield f"{sign} {kind} {name}: subsets {_arrow(_subsets(old), _subsets(new))}"
        case "Deployment" if sign == "+":
            yield f"{sign} {kind} {name}: {_image(new)}"
        case _ if sign == "~":
            paths = sorted(step.get("detailedDiff") or step.get("diffReasons") or ())
            yield f"{sign} {kind} {name}: {', '.join(_explain_path(p, old, new) for p in paths)}"
        case _:
            yield f"{sign} {kind} {name}"


def _explain_path(path: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """A path, with its numbers where it holds some: spec.replicas 1 → 3. Texts may be long, or secret."""
    before, after = _at(path, old), _at(path, new)
    numbers = isinstance(before, int | float) and isinstance(after, int | float)
    return f"{path} {before:g} → {after:g}" if numbers else path


def _at(path: str, inputs: Mapping[str, Any]) -> Any:
    found: Any = inputs
    for key in path.split("."):
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def _explain_rules(what: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    for rule in [*new, *(rule for rule in old if rule not in new)]:
        if old.get(rule) != new.get(rule):
            yield f"{what}, {rule}: {_arrow(old.get(rule, ''), new.get(rule, ''))}"


def _arrow(old: str, new: str) -> str:
    if not old:
        return new
    return f"{old} → {new or 'gone'}" if old != new else new


def _subsets(inputs: Mapping[str, Any]) -> str:
    spec = inputs.get("spec", {})
    tls = spec.get("trafficPolicy", {}).get("tls", {}).get("mode")
    return ", ".join(
        [s["name"] for s in spec.get("subsets", ())] + ([f"with {tls}"] if tls else [])
    )


def _image(inputs: Mapping[str, Any]) -> str:
    return str(inputs["spec"]["template"]["spec"]["containers"][0]["image"])


def _state(step: Mapping[str, Any]) -> State:
    found: State = step.get("newState") or step["oldState"]
    return found


def _inputs(state: State | None) -> Mapping[str, Any]:
    inputs: Mapping[str, Any] = (state or {}).get("inputs") or {}
    return inputs


def _is_object(step: Mapping[str, Any]) -> bool:
    """Components group objects and are none themselves."""
    return str(_state(step)["type"]).startswith("kubernetes:")


def _kind(type_token: str) -> str:
    return type_token.rsplit(":", 1)[-1]


def _name(state: State) -> str:
    metadata = _inputs(state).get("metadata") or {}
    return str(metadata.get("name") or state["urn"].rsplit("::", 1)[-1])
