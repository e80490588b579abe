"""Secrets: every one that a workload names is there, and none stands in plain text in the stack file."""

from collections.abc import Mapping

from mesh_canary.settings.gateway import SET_KEY
from mesh_canary.settings.parts import Parts, Rules
from mesh_canary.settings.problems import Problem
from mesh_canary.settings.release import ReleaseSettings

KEY = "secrets"
PLAIN = "in plain text in the stack file; secrets stand there encrypted only"

_CHANGED = (
    "take it out, choose another one, and set it: pulumi config set --secret --path mesh-canary:{}"
)
ALWAYS_SECRET = {
    "gateway.https.key": f"take it out, make a new key, and set it: {SET_KEY}",
    **{
        place: _CHANGED.format(place)
        for place in ("addons.grafana.admin_password", "addons.kiali.signing_key")
    },
}
"""Keys that never hold plain text, and the way out for one that does."""


def check_encrypted(raw: Mapping[str, object], secret_keys: frozenset[str]) -> list[Problem]:
    """Pulumi calls a key secret that holds something encrypted; `secrets` has nothing else to hold.

    Pulumi does not say which of the values below a key it found encrypted; `check_each_encrypted` looks.
    """
    problems = []
    if raw.get(KEY) and KEY not in secret_keys:
        hint = f"take it out, change the secret, and {explain_set('APP', 'NAME')}"
        problems.append(Problem(KEY, "", PLAIN, hint))
    for place, hint in ALWAYS_SECRET.items():
        top, part, name = place.split(".")
        below = raw.get(top)
        entry = below.get(part) if isinstance(below, dict) else None
        if isinstance(entry, dict) and name in entry and top not in secret_keys:
            problems.append(Problem(place, "", PLAIN, hint))
    return problems


def check_each_encrypted(raw: Mapping[str, object], written: Mapping[str, object]) -> list[Problem]:
    """A secret in plain text beside encrypted ones. `written` is the stack file's own text, as far as it is known."""
    given, said = raw.get(KEY), written.get(KEY)
    if not isinstance(given, dict) or not isinstance(said, dict):
        return []
    return [
        Problem(
            f"{KEY}.{app}.{name}", "", PLAIN, f"choose another one, and {explain_set(app, name)}"
        )
        for app, secrets in given.items()
        for name, secret in (secrets if isinstance(secrets, dict) else {}).items()
        if isinstance(said.get(app), dict) and said[app].get(name) == secret
    ]


def explain_set(app: str, name: str) -> str:
    """The command that puts a secret into the stack file, encrypted; Pulumi asks for its value."""
    return f"set it: pulumi config set --secret --path 'mesh-canary:{KEY}.{app}.{name}'"


def check_secrets_have_an_app(parts: Parts) -> list[Problem]:
    """Secrets stand below the name of the app that uses them."""
    known = sorted({*parts.apps, *parts.disabled})
    hint = f"the apps here are: {', '.join(known) or 'none'}"
    return [
        Problem(f"{KEY}.{name}", "", "no such app", hint)
        for name in parts.secrets
        if name not in known
    ]


def check_secrets_are_given(parts: Parts) -> list[Problem]:
    """What a workload of this stack names is there."""
    return [
        Problem(
            f"apps.{name}.{key}", secret, "a secret that is not given", explain_set(name, secret)
        )
        for name, app in parts.apps.items()
        if app.created
        for key, secret in app.secrets_named
        if secret not in parts.secrets.get(name, {})
    ]


def check_secrets_of_versions(parts: Parts) -> list[Problem]:
    """A version's own secrets are there, in the Secret that the app of its service makes."""
    problems = []
    for name, release in parts.releases.items():
        for role, version in (("stable", release.stable), ("canary", release.canary)):
            for variable, secret in version.secret_env.items():
                key = f"releases.{name}.{role}.secret_env.{variable}"
                problems += _check_secret(parts, release, key, secret)
    return problems


def _check_secret(parts: Parts, release: ReleaseSettings, key: str, secret: str) -> list[Problem]:
    for name, app in parts.apps.items():
        if not app.has(release.namespace, release.service):
            continue
        if not app.created:
            rule = f"app {name} is another stack's, and so is the Secret of its {release.service}"
            return [Problem(key, secret, rule, "leave it out here")]
        if secret not in parts.secrets.get(name, {}):
            return [Problem(key, secret, "a secret that is not given", explain_set(name, secret))]
    return []


RULES: Rules = (
    (frozenset({"apps", "secrets"}), check_secrets_of_versions),
    (frozenset({"apps", "secrets"}), check_secrets_have_an_app),
    (frozenset({"secrets"}), check_secrets_are_given),
)
