"""What the cluster runs under a name of ours that is not ours yet: told before it is taken over, or refused."""

from collections.abc import Iterator, Mapping

import pulumi

from components.workload import WorkloadArgs
from mesh_canary.release import ReleasePlan
from mesh_canary.routing import Manifest
from mesh_canary.settings import Problem, StackSettings
from mesh_canary.workloads.adoption import check_adoption, explain_adoption
from stacks.apps import app_args
from stacks.live_routes import Routes
from stacks.releases import release_args
from stacks.sidecars import Injection


def check_adoptions(
    settings: StackSettings, plans: Mapping[str, ReleasePlan], injection: Injection, routes: Routes
) -> list[Problem]:
    """What cannot be taken over; a warning says what will be."""
    strangers = {_place(found): found for below in routes.strangers.values() for found in below}
    if not strangers:
        return []
    problems: list[Problem] = []
    for key, wanted in _wanted(settings, plans, injection):
        found = strangers.get(_place(wanted))
        if found is None:
            continue
        refused = check_adoption(key, wanted, found)
        problems += refused
        if not refused:
            pulumi.log.warn(f"{key}: {explain_adoption(wanted, found)}")
    return problems


def _wanted(
    settings: StackSettings, plans: Mapping[str, ReleasePlan], injection: Injection
) -> Iterator[tuple[str, Manifest]]:
    """Every Deployment that this run writes, and the part of the stack file that asks for it."""
    for name, app in settings.apps.items():
        if app.created:
            yield from _deployments(
                f"apps.{name}", app_args(settings, name, injection)["workloads"]
            )
    for name, plan in plans.items():
        args = release_args(settings, plan, injection)
        yield from _deployments(f"releases.{name}", args["workloads"])


def _deployments(key: str, workloads: Mapping[str, WorkloadArgs]) -> Iterator[tuple[str, Manifest]]:
    for args in workloads.values():
        yield key, args["manifests"][0]


def _place(manifest: Manifest) -> tuple[str, str]:
    return manifest["metadata"]["namespace"], manifest["metadata"]["name"]
