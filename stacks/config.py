"""The only reader of Pulumi's config. Every mistake in it is told at once, before the first resource."""

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import pulumi

from mesh_canary.settings import Problem, StackSettings, explain_problems, read_settings
from mesh_canary.settings.problems import Contradiction
from mesh_canary.settings.problems import require_none as require_no
from mesh_canary.settings.rules_secrets import KEY as SECRETS
from mesh_canary.settings.rules_secrets import check_each_encrypted
from mesh_canary.settings.secrets import without_secrets

NAMESPACE = "mesh-canary"


def load_settings() -> StackSettings:
    """The settings of the stack. Raises pulumi.RunError with every problem of the stack file."""
    raw, secret = read_config()
    try:
        settings = read_settings(raw, secret)
        require_no(check_each_encrypted(raw, _read_stack_file() if raw.get(SECRETS) else {}))
        return settings
    except Contradiction as contradiction:
        raise pulumi.RunError(explain_problems(contradiction.problems)) from None


def require_none(problems: Iterable[Problem]) -> None:
    """Raises pulumi.RunError with all `problems` if there is one, and without a secret of the stack file."""
    if found := without_secrets(problems, *read_config()):
        raise pulumi.RunError(explain_problems(found))


def read_config() -> tuple[dict[str, object], frozenset[str]]:
    """The raw config of the stack, and which of its keys are secret."""
    return own_config(
        json.loads(os.environ.get("PULUMI_CONFIG", "{}")),
        json.loads(os.environ.get("PULUMI_CONFIG_SECRET_KEYS", "[]")),
        pulumi.get_project(),
    )


def _read_stack_file() -> dict[str, object]:
    """The config as it is written in the stack's own file, encrypted values as such; empty where it is elsewhere."""
    import yaml  # only where there are secrets to look at

    path = Path(f"Pulumi.{pulumi.get_stack()}.yaml")
    content = yaml.safe_load(path.read_text()) if path.is_file() else {}
    config = (content or {}).get("config") or {}
    written, _ = own_config({key: json.dumps(value) for key, value in config.items()}, [])
    return written


def secret_keys() -> frozenset[str]:
    """The top-level keys that hold a secret somewhere below; Pulumi does not say where."""
    keys = json.loads(os.environ.get("PULUMI_CONFIG_SECRET_KEYS", "[]"))
    return frozenset(key.partition(":")[2] for key in keys)


def own_config(
    config: Mapping[str, str], secret_keys: Iterable[str], project: str = NAMESPACE
) -> tuple[dict[str, object], frozenset[str]]:
    """The keys that are ours without their namespace, values as data; and which of them are secret.

    Ours are `mesh-canary:` and the project's own name, which `pulumi config set` writes where this program was copied
    as a template; raises Contradiction for a key in both. An empty object is what Pulumi.yaml gives for a key that the
    stack file lacks: it is left out.
    """
    ours: dict[str, object] = {}
    secret: set[str] = set()
    for namespace in dict.fromkeys((NAMESPACE, project)):
        prefix = f"{namespace}:"
        values = {
            k.removeprefix(prefix): _data(v) for k, v in config.items() if k.startswith(prefix)
        }
        said = {key: value for key, value in values.items() if value != {}}
        rule, hint = f"set as {NAMESPACE}:… as well", "keep one of the two in the stack file"
        require_no(
            Problem(f"{prefix}{key}", "", rule, hint) for key in sorted(said.keys() & ours.keys())
        )
        ours |= said
        secret |= {key.removeprefix(prefix) for key in secret_keys if key.startswith(prefix)}
    return ours, frozenset(secret)


def _data(value: str) -> object:
    """Objects and lists arrive as JSON, plain values as the text they are."""
    try:
        return json.loads(value)
    except ValueError:
        return value
