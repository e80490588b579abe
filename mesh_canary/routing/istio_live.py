"""Reads Istio's routes back: what is in force, and whether it is still what we wrote.

Every route of ours carries a note of its own. Weights that differ from the note were changed by somebody else; weights
that match it and not the record were left by a run that did not come to its end.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from mesh_canary.release.live_route import Deployed, LiveRoute
from mesh_canary.release.traffic import TrafficSplit
from mesh_canary.routing import names
from mesh_canary.routing.route import Route

LIVE = "live"
"""Name of the rule for everybody, the last one of a VirtualService of ours."""

Object = Mapping[str, Any]


def make_note(split: TrafficSplit, rules: list[Any]) -> dict[str, str]:
    """The annotation that says what we wrote: weights, every version that the route names, and its rules' digest."""
    said = {"weights": dict(split.weights), "versions": sorted(split.named), "rules": digest(rules)}
    return {names.ROUTE_NOTE: json.dumps(said, sort_keys=True)}


def digest(rules: Any) -> str:
    """A short name for rules that changes when anything in them does."""
    return hashlib.sha256(json.dumps(rules, sort_keys=True).encode()).hexdigest()[:16]


def read_live(
    route: Route,
    routes: Iterable[Object],
    versions: Iterable[str],
    deployed: tuple[Deployed, ...] = (),
) -> LiveRoute:
    """What the VirtualServices of the namespace say of the service; `versions` are those that may be named."""
    found = list(routes)
    ours = {r["metadata"]["name"]: r for r in found if _is_ours(r)}
    inside, outside = ours.get(route.service), ours.get(names.gateway_route_name(route.service))
    others = tuple(sorted(r["metadata"]["name"] for r in found if _competes(r, route)))
    if inside is None:
        return LiveRoute({}, other_routes=others, deployed=deployed)
    notes = [_note(r) for r in (inside, outside) if r]
    known = {*versions, *(version for note in notes for version in note.get("versions", []))}
    version_of = {names.subset_name(version): version for version in known}
    named = {version_of.get(s, s) for r in (inside, outside) if r for s in _subsets(r)}
    return LiveRoute(
        weights=_weights(inside, version_of),
        written_weights=notes[0].get("weights"),
        named=tuple(sorted(named)),
        other_routes=others,
        deployed=deployed,
        rules_edited=any(_is_edited(r) for r in (inside, outside) if r),
    )


def _is_edited(candidate: Object) -> bool:
    """Whether a route that carries a note has other rules than we noted."""
    note = _note(candidate)
    return "rules" in note and note["rules"] != digest(candidate["spec"].get("http", []))


def _is_ours(candidate: Object) -> bool:
    return bool(names.MANAGED_BY.items() <= candidate["metadata"].get("labels", {}).items())


def _competes(candidate: Object, route: Route) -> bool:
    """Whether it routes the same host within the mesh and is not ours."""
    spec, name = candidate.get("spec", {}), candidate["metadata"]["name"]
    host = names.host_of(route.service, route.namespace)
    hosts = {h if "." in h else names.host_of(h, route.namespace) for h in spec.get("hosts", [])}
    same_host = host in hosts and "mesh" in spec.get("gateways", ["mesh"])
    return same_host and not (name == route.service and _is_ours(candidate))


def _note(candidate: Object) -> dict[str, Any]:
    """What we noted on the route; empty where there is nothing that we can have written."""
    text = candidate["metadata"].get("annotations", {}).get(names.ROUTE_NOTE, "")
    try:
        note = json.loads(text)
        return {
            "weights": {str(k): int(v) for k, v in note["weights"].items()},
            "versions": [str(version) for version in note["versions"]],
            "rules": str(note["rules"]),
        }
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}


def _weights(candidate: Object, version_of: Mapping[str, str]) -> dict[str, int]:
    """Percent of live requests by version, from the rule for everybody."""
    rules = candidate["spec"].get("http", [])
    live: Object = next((rule for rule in rules if rule.get("name") == LIVE), {})
    return {
        version_of.get(subset, subset): int(entry.get("weight", 100))
        for entry in live.get("route", [])
        if (subset := entry["destination"].get("subset"))
    }


def _subsets(candidate: Object) -> set[str]:
    """Every subset that a route names: for live requests, testers and copies."""
    rules = candidate["spec"].get("http", [])
    destinations = [entry["destination"] for rule in rules for entry in rule.get("route", [])]
    destinations += [rule["mirror"] for rule in rules if "mirror" in rule]
    return {d["subset"] for d in destinations if "subset" in d}
