"""The cluster that a walk starts on: up, and empty of earlier walks."""

from demo.pulumi_stack import list_stacks
from local_cluster import api
from local_cluster.api import Cluster, Progress

OWN_STACKS = ("demo", "bench-", "test-")
"""Stacks whose names start so are left over from a walk, a benchmark or a test."""


class GroundError(Exception):
    """The walk cannot start here; the text says why and what to do."""


def make_ground(progress: Progress) -> Cluster:
    """The cluster is up and holds no stack with resources.

    What an earlier walk left goes with the whole cluster: ending and starting it takes less time
    than `pulumi destroy`, and leaves nothing of the mesh behind either.

    Raises:
        GroundError: somebody's own stack is on the cluster.
        LocalClusterError: the cluster cannot be started.
    """
    tools = api.ensure_tools(progress)
    if _stacks_with_resources():
        clear_ground(progress, "an earlier run is on the cluster: starting with a new one")
    return api.up(tools, progress)


def clear_ground(progress: Progress, why: str) -> None:
    """No cluster of this clone is up.

    Raises:
        GroundError: somebody's own stack is on the cluster.
    """
    own = [name for name in _stacks_with_resources() if not name.startswith(OWN_STACKS)]
    if own:
        message = (
            f"the local cluster holds a stack of yours ({', '.join(own)}), which this would "
            "disturb; `make down` ends the cluster and everything on it, then run this again"
        )
        raise GroundError(message)
    with progress.step(why):
        api.down()


def _stacks_with_resources() -> list[str]:
    """The stacks of the cluster that hold something; none where there is no cluster."""
    found = api.find()
    if found is None or not found.place.pulumi_state.exists():
        return []
    return [str(stack["name"]) for stack in list_stacks(found) if stack.get("resourceCount")]
