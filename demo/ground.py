"""The cluster that a walk starts on: up, and empty of earlier walks."""

from demo.pulumi_stack import list_stacks
from local_cluster import api
from local_cluster.api import Cluster, Progress

OWN_STACKS = ("demo", "bench", "test")
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
    found = api.find()
    left = _stacks_with_resources(found) if found else []
    own = [name for name in left if not name.startswith(OWN_STACKS)]
    if own:
        message = (
            f"the local cluster holds a stack of yours ({', '.join(own)}), which the demo would "
            "disturb; `make down` ends the cluster and everything on it, then run this again"
        )
        raise GroundError(message)
    if left:
        with progress.step("an earlier run is on the cluster: starting with a new one"):
            api.down()
    return api.up(tools, progress)


def _stacks_with_resources(cluster: Cluster) -> list[str]:
    if not cluster.place.pulumi_state.exists():
        return []
    return [str(stack["name"]) for stack in list_stacks(cluster) if stack.get("resourceCount")]
