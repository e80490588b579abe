"""What else is wrong with a stack file whose mistakes pydantic has found: asks the rules of what is left.

pydantic asks a model's own rules only when all its fields are fine, so a typo would hide a contradiction, which the
operator would meet in the next run. Here broken keys are taken out, or replaced where a model cannot be without them,
and the rules are asked again. What they say of a key that was touched is dropped: it would be about our replacement.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import SecretStr, TypeAdapter, ValidationError

from mesh_canary.settings.addons import AddonsSettings
from mesh_canary.settings.apps import AppSettings
from mesh_canary.settings.errors import Loc, problems_of
from mesh_canary.settings.fields import FIELDS_ONLY, Settings
from mesh_canary.settings.gateway import EgressGatewaySettings, GatewaySettings
from mesh_canary.settings.load_tests import LoadTestSettings
from mesh_canary.settings.mesh import MESHES, MeshClass
from mesh_canary.settings.parts import Parts
from mesh_canary.settings.problems import Problem
from mesh_canary.settings.release import ReleaseSettings
from mesh_canary.settings.rules import check_parts

SomeSettings = TypeVar("SomeSettings", bound=Settings)

STAND_INS: Mapping[type[Settings], Mapping[str, Any]] = {
    ReleaseSettings: {
        "stable": {"version": "stable", "image": "stand-in"},
        "canary": {"version": "canary", "image": "stand-in"},
        "stage": "dark",
        "steps": [1],
        "max_pods": 100,
    },
    LoadTestSettings: {"pages": {"stand-in": "/"}, "minutes": 1},
    AddonsSettings: {
        "domain": "stand-in",
        "prometheus": {},
        "grafana": {"admin_password": "stand-in"},
        "kiali": {"signing_key": "stand-in-16-long"},
        "tracing": {},
    },
}
"""Valid values for keys that a model cannot be without and that no other part asks about."""
SECRETS = TypeAdapter(dict[str, dict[str, SecretStr]])
WORKLOAD = {"image": "stand-in", "port": 1}
GO_TOGETHER = {"stage": ("retire_stable",), "steps": ("canary_weight",)}
"""Keys that mean nothing when the first one is broken."""


def check_what_is_left(values: Mapping[str, object]) -> list[Problem]:
    """The contradictions within and between the parts of `values` that broken keys elsewhere would hide."""
    broken: set[str] = set()
    problems: list[Problem] = []

    def read(kind: type[SomeSettings], part: str, key: str, raw: object) -> SomeSettings | None:
        if raw is None:
            return None
        settings, found = _mended(kind, raw)
        problems.extend(problem.below(key) for problem in found)
        if settings is None:
            broken.add(part)
        return settings

    mesh = None
    if (raw := values.get("mesh")) is not None:
        kind = _mesh_kind(raw)
        mesh = read(kind, "mesh", "mesh", raw) if kind else None
        broken |= set() if kind else {"mesh"}
    gateway = read(GatewaySettings, "gateway", "gateway", values.get("gateway"))
    addons = read(AddonsSettings, "addons", "addons", values.get("addons"))
    egress = read(
        EgressGatewaySettings, "egress_gateway", "egress_gateway", values.get("egress_gateway")
    )
    apps = {
        name: read(AppSettings, "apps", f"apps.{name}", raw)
        for name, raw in _entries(values.get("apps"), "apps", broken).items()
    }
    releases = {
        name: read(ReleaseSettings, "releases", f"releases.{name}", raw)
        for name, raw in _entries(values.get("releases"), "releases", broken).items()
    }
    secrets = _secrets(values.get("secrets"), broken)
    load_tests = {
        name: read(LoadTestSettings, "load_tests", f"load_tests.{name}", raw)
        for name, raw in _entries(values.get("load_tests"), "load_tests", broken).items()
    }
    parts = Parts(
        mesh,
        gateway,
        _known(apps),
        _known(releases),
        frozenset(broken),
        addons=addons,
        egress_gateway=egress,
        secrets=secrets,
        load_tests=_known(load_tests),
    )
    return problems + check_parts(parts)


def _secrets(raw: object, broken: set[str]) -> dict[str, dict[str, SecretStr]]:
    """The secrets by app; none, and `secrets` broken, where one of them is."""
    try:
        return SECRETS.validate_python(raw or {})
    except ValidationError:
        broken.add("secrets")
        return {}


def _mesh_kind(raw: object) -> MeshClass | None:
    """The class that `raw` says it is of; None where it names no kind of mesh."""
    kind = raw.get("kind") if isinstance(raw, dict) else None
    return MESHES.get(kind) if isinstance(kind, str) else None


def _mended(kind: type[SomeSettings], raw: object) -> tuple[SomeSettings | None, list[Problem]]:
    """Settings made of what is right in `raw`, None where too little is; and the contradictions in it."""
    touched: set[str] = set()
    for _ in range(3):  # a key that was replaced may show another one below it
        try:
            settings = kind.model_validate(raw, context=FIELDS_ONLY)
        except ValidationError as error:
            if not isinstance(raw, dict):
                return None, []
            locations = [details["loc"] for details in error.errors(include_url=False)]
            raw = _without_broken_keys(kind, raw, locations)
            touched |= _keys_touched(locations)
        else:
            return settings, _contradictions(kind, raw, touched)
    return None, []


def _contradictions(kind: type[Settings], raw: object, touched: set[str]) -> list[Problem]:
    try:
        kind.model_validate(raw)
    except ValidationError as error:
        found = problems_of(error, kind, raw if isinstance(raw, dict) else {})
        return [problem for problem in found if not _is_about(problem, touched)]
    return []


def _is_about(problem: Problem, touched: set[str]) -> bool:
    """Whether the problem is of a touched key, of one below it, or of a model that lost a key."""
    if not problem.key:
        return bool(touched)
    return any(f"{problem.key}.".startswith(f"{key}.") for key in touched)


def _without_broken_keys(
    kind: type[Settings], raw: dict[str, Any], locations: list[Loc]
) -> dict[str, Any]:
    mended = dict(raw)
    for location in locations:
        for key in _top_keys([location]):
            mended.pop(key, None)
            if key in STAND_INS.get(kind, {}):
                mended[key] = STAND_INS[kind][key]
    if names := {location[1] for location in locations if _is_in_workload(location)}:
        badly_named = {location[1] for location in locations if location[2:] == ("[key]",)}
        mended["workloads"] = {
            name: WORKLOAD if name in names else workload
            for name, workload in raw["workloads"].items()
            if name not in badly_named
        }
    return mended


def _keys_touched(locations: list[Loc]) -> set[str]:
    names = {f"workloads.{location[1]}" for location in locations if _is_in_workload(location)}
    return _top_keys(locations) | names


def _top_keys(locations: list[Loc]) -> set[str]:
    """The keys that are taken out: of workloads only the broken ones."""
    keys = {
        str(location[0]) for location in locations if location and not _is_in_workload(location)
    }
    return keys | {other for key in keys for other in GO_TOGETHER.get(key, ())}


def _is_in_workload(location: Loc) -> bool:
    return len(location) > 1 and location[0] == "workloads"


def _entries(raw: object, part: str, broken: set[str]) -> dict[str, object]:
    """Named entries below `part`; none, and `part` broken, where something else stands there."""
    if raw is None or isinstance(raw, dict):
        return {str(name): value for name, value in (raw or {}).items()}
    broken.add(part)
    return {}


def _known(entries: Mapping[str, SomeSettings | None]) -> dict[str, SomeSettings]:
    return {name: settings for name, settings in entries.items() if settings is not None}
