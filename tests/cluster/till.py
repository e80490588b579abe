"""The bank: a team that sets up its own app on the mesh of others, and releases its till. Here things break."""

from typing import Any

from tests.cluster.configs import host_of, team, team_release
from tests.cluster.stack import Config, Stack

HOST = host_of("till")
URL = "http://till.bank:8080/"


def bank(stage: str | None = None, weight: int | None = None, **changes: Any) -> Config:
    """The bank's stack file, with a release of the till at a stage or without one."""
    if stage is None:
        return team("bank", "till", install=True)
    release = team_release("bank", "till", stage, weight, **changes)
    return team("bank", "till", install=True, till=release)


def without_release(stack: Stack) -> None:
    """Whatever was released before is rolled back, and out of the stack file."""
    if "till" in stack.outputs().get("releases", {}):
        stack.up(bank("rolled_back"))
    stack.up(bank())
