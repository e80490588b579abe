"""Settings and splits for tests: valid by default, one keyword per test. Keywords are what an operator types."""

from collections.abc import Mapping
from typing import Any

from mesh_canary.release import (
    Deployed,
    LiveRoute,
    PodBudget,
    Record,
    TrafficSplit,
    plan_release,
)
from mesh_canary.settings import ReleaseSettings, StackSettings, read_settings
from mesh_canary.settings.pitstop import APIS


def an_image(version: str) -> str:
    """The image of a version of reviews."""
    return f"docker.io/istio/examples-bookinfo-reviews-{version}:1.20.3"


def a_version(version: str, **changes: Any) -> dict[str, Any]:
    """One version of reviews."""
    return {"version": version, "image": an_image(version), **changes}


def release_config(**changes: Any) -> dict[str, Any]:
    """A release of reviews from v1 to v2 as it stands in a stack file; None leaves a key out."""
    config = {
        "namespace": "bookinfo",
        "service": "reviews",
        "stable": a_version("v1"),
        "canary": a_version("v2"),
        "stage": "dark",
        "steps": [10, 50],
        **changes,
    }
    return {key: value for key, value in config.items() if value is not None}


def stack_config(**changes: Any) -> dict[str, Any]:
    """A stack file's config without its namespace: Bookinfo with reviews under release; None leaves a key out."""
    config = {
        "cluster": {"context": "local"},
        "mesh": {"kind": "istio", "install": False},
        "apps": {"bookinfo": {"namespace": "bookinfo"}},
        "releases": {"reviews": release_config()},
        **changes,
    }
    return {key: value for key, value in config.items() if value is not None}


def a_release(**changes: Any) -> ReleaseSettings:
    """A release of reviews from v1 to v2, at dark unless `changes` says otherwise."""
    return ReleaseSettings.model_validate(release_config(**changes))


def at(weight_or_stage: int | str, **changes: Any) -> ReleaseSettings:
    """A release at a weight (10) or at another stage ("mirror"), with the keys that the stage needs."""
    if isinstance(weight_or_stage, int):
        return a_release(stage="weighted", canary_weight=weight_or_stage, **changes)
    keys = {"stage": weight_or_stage, "mirror_percent": 100, **changes}
    return a_release(**keys)


def a_record(
    weight_or_stage: int | str = "dark", *, after: Record | None = None, **changes: Any
) -> Record:
    """What the state says once `at(...)` was applied, `after` what it said before."""
    return plan_release(at(weight_or_stage, **changes), after).record


def a_split(**changes: Any) -> TrafficSplit:
    """Everything at v1."""
    fields: dict[str, Any] = {"weights": (("v1", 100),), **changes}
    return TrafficSplit(**fields)


def a_live_route(split: TrafficSplit | None = None, **changes: Any) -> LiveRoute:
    """The route as we wrote it for `split`."""
    split = split or a_split()
    weights = dict(split.weights)
    fields: dict[str, Any] = {
        "weights": weights,
        "written_weights": weights,
        "named": tuple(sorted(split.named)),
        **changes,
    }
    return LiveRoute(**fields)


def a_deployed(version: str, *, ready: int = 1, wanted: int = 1) -> Deployed:
    """A version of reviews as the cluster runs it, with all its pods ready."""
    return Deployed(version, an_image(version), ready, wanted)


def a_budget(**changes: Any) -> PodBudget:
    """Three pods of each version alone, four of both together."""
    fields = {"stable": 3, "canary": 3, "max_pods": 4, "tolerance_percent": 1, **changes}
    return PodBudget(**fields)


MADE_UP = {
    "sa_password": "Made-up-1",
    "rabbitmq_password": "Made-up-2",
    "seq_admin_password": "Made-up-3",
}
"""Passwords of Pitstop that nobody has."""


def with_secrets(config: Mapping[str, Any]) -> dict[str, Any]:
    """A stack's config with the secrets that a file in a repository cannot have: those of Pitstop."""
    apps = config.get("apps") or {}
    missing = {
        name: dict(MADE_UP)
        for name, app in apps.items()
        if isinstance(app, dict) and app.get("kind") == "pitstop"
    }
    return (
        {**config, "secrets": {**missing, **config.get("secrets", {})}} if missing else {**config}
    )


def pitstop_config(**changes: Any) -> dict[str, Any]:
    """Pitstop on a mesh that is there already, with the sidecars of the original and made-up passwords."""
    app = {
        "kind": "pitstop",
        "namespace": "pitstop",
        "sidecars": ["sqlserver", *APIS, "webapp"],
        **changes,
    }
    return with_secrets(stack_config(apps={"pitstop": app}, releases={}))


def customer_release(stage: int | str = "dark", **changes: Any) -> dict[str, Any]:
    """The customer API from 1.0 to 2.0, at a weight or at another stage."""
    weighted = {"stage": "weighted", "canary_weight": stage}
    config = {
        "namespace": "pitstop",
        "service": "customermanagementapi",
        "stable": {"version": "1.0", "image": "docker.io/pitstop/customermanagementapi:1.0"},
        "canary": {"version": "2.0", "image": "docker.io/pitstop/customermanagementapi:2.0"},
        "mirror_percent": 100,
        **(weighted if isinstance(stage, int) else {"stage": stage}),
        **changes,
    }
    return release_config(**config)


def a_stack(**changes: Any) -> StackSettings:
    """Bookinfo on a mesh that is there already, reviews under release at dark."""
    return read_settings(stack_config(**changes))
