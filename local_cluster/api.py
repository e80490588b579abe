"""The cluster as Python code uses it: the demo, the benchmarks and the tests call only this.

    progress = Progress()
    cluster = up(ensure_tools(progress), progress)
    subprocess.run(["kubectl", "get", "pods", "-A"], env=cluster.env)
    down()

Every function takes the folder of a clone, by default the one that this package is part of: each
clone has a cluster of its own, and a test may name any folder.
"""

from pathlib import Path

from local_cluster.add_ons import run_add_ons
from local_cluster.api_server import connect
from local_cluster.cluster import Cluster, find_cluster
from local_cluster.down import remove_cluster
from local_cluster.images import add_image
from local_cluster.locks import alone_in
from local_cluster.membership import memory_mib as _memory_mib
from local_cluster.place import Place, this_clone
from local_cluster.progress import Progress
from local_cluster.requirements import install_packages, require_packages, require_rights
from local_cluster.tools.build import ensure_tools
from local_cluster.tools.toolset import Toolset
from local_cluster.up import bring_up

__all__ = [
    "Cluster",
    "Progress",
    "Toolset",
    "add_image",
    "connect",
    "down",
    "ensure_tools",
    "ensure_up",
    "find",
    "memory_mib",
    "require_command",
    "run_add_ons",
    "up",
]


def up(tools: Toolset, progress: Progress, clone: Path | None = None) -> Cluster:
    """The cluster is up and takes pods; where it was already, this does nothing.

    Raises:
        ImpossibleHereError: this machine or account cannot run one.
        LocalClusterError: it did not come up; the text names the process and its last log lines.
    """
    require_rights()
    require_packages(progress)
    return bring_up(Place(clone or this_clone()), tools, progress)


def ensure_up(progress: Progress | None = None, clone: Path | None = None) -> Cluster:
    """`up` with tools that are built first where they are missing."""
    progress = progress or Progress()
    require_rights()
    return up(ensure_tools(progress), progress, clone)


def require_command(command: str, package: str, progress: Progress) -> None:
    """A command that whoever uses the cluster needs is there; installed from its Debian package where it may be.

    Raises:
        ImpossibleHereError: it is missing and cannot be installed.
    """
    install_packages({command: package}, progress, "this")


def down(clone: Path | None = None) -> None:
    """No process, namespace, rule or file of the cluster is left. Harmless where there is none."""
    require_rights()
    place = Place(clone or this_clone())
    with alone_in(place.clone):
        remove_cluster(place)


def find(clone: Path | None = None) -> Cluster | None:
    """The cluster that was started for the clone, whether it still works or not, if any."""
    return find_cluster(Place(clone or this_clone()))


def memory_mib(cluster: Cluster) -> float:
    """What all processes of the cluster occupy together, those of its pods included."""
    return _memory_mib(cluster.place)
