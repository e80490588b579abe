"""Pitstop's passwords, which have to survive a connection string, and what of it a release can shift."""

import re

from mesh_canary.settings.parts import Parts, Rules
from mesh_canary.settings.pitstop import RELEASABLE
from mesh_canary.settings.problems import Problem
from mesh_canary.settings.rules_secrets import KEY, explain_set

PASSWORDS = {
    "sa_password": "the administrator of SQL Server",
    "rabbitmq_password": "the user of RabbitMQ",
    "seq_admin_password": "the administrator of Seq",
}
"""The secrets that Pitstop cannot do without, and whose they are."""
BREAKING = re.compile(r"""[;'"=\\#\s]|[^\x20-\x7e]""")
"""What ends or changes a value in a connection string or a configuration file."""
CLASSES = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^A-Za-z0-9]")
WAY_OUT = "letters, digits and - _ . ! are safe"
SHORTEST, LONGEST, FEWEST_CLASSES = 8, 128, 3


def check_passwords(parts: Parts) -> list[Problem]:
    """Every password is there, fits into a connection string, and is one that SQL Server accepts."""
    problems = []
    for app_name, app in parts.apps.items():
        if app.kind != "pitstop" or not app.created:
            continue
        given = parts.secrets.get(app_name, {})
        for name, whose in PASSWORDS.items():
            key = f"{KEY}.{app_name}.{name}"
            if name not in given:
                hint = explain_set(app_name, name)
                problems.append(Problem(key, "", f"needed: the password of {whose}", hint))
            elif rule := explain_password(given[name].get_secret_value()):
                problems.append(Problem(key, "", rule, f"{WAY_OUT}; {explain_set(app_name, name)}"))
    return problems


def explain_password(password: str) -> str:
    """Why a password cannot be used, without quoting any of it; empty where it can."""
    if BREAKING.search(password):
        return "has a space, a quote, one of ; = # \\ or a character beyond ASCII, which breaks connection strings"
    if not SHORTEST <= len(password) <= LONGEST:
        return f"has to have {SHORTEST} to {LONGEST} characters"
    if sum(bool(re.search(kind, password)) for kind in CLASSES) < FEWEST_CLASSES:
        return "has to have three of: small letters, capital letters, digits, others"
    return ""


def check_released_workloads(parts: Parts) -> list[Problem]:
    """A release shifts HTTP requests between versions that keep nothing of their own."""
    problems = []
    for name, release in parts.releases.items():
        for app in parts.apps.values():
            service = release.service
            if app.kind != "pitstop" or not app.has(release.namespace, service):
                continue
            if service not in RELEASABLE:
                rule = "keeps data or is called by nobody, so a release has nothing to shift"
                hint = f"one of: {', '.join(RELEASABLE)}; others get a new image by `images`"
                problems.append(Problem(f"releases.{name}.service", service, rule, hint))
    return problems


def check_exposed(parts: Parts) -> list[Problem]:
    """What the gateway leads to speaks HTTP."""
    return [
        Problem(
            f"apps.{name}.expose.workload",
            app.expose.workload,
            "has no page for users",
            f"one of: {', '.join(RELEASABLE)}",
        )
        for name, app in parts.apps.items()
        if app.kind == "pitstop" and app.expose
        if app.expose.workload in app.workload_names and app.expose.workload not in RELEASABLE
    ]


RULES: Rules = (
    (frozenset({"secrets"}), check_passwords),
    (frozenset(), check_released_workloads),
    (frozenset(), check_exposed),
)
