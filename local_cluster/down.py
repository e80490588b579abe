"""Ending a cluster so that nothing of it is left, in whatever state it was found."""

import shutil

from local_cluster import network, processes
from local_cluster.membership import all_processes
from local_cluster.place import Place

_GRACE_SECONDS = 1
"""The state is thrown away, so nobody needs longer to save it."""

_ROUNDS = 5


def remove_cluster(place: Place) -> None:
    """No process, namespace, interface, rule or file of the cluster is left.

    A process may have started another one between the look and the kill, hence the rounds.
    """
    for _ in range(_ROUNDS):
        found = all_processes(place)
        if not found:
            break
        processes.stop(found, _GRACE_SECONDS)
    network.remove_network(place)
    shutil.rmtree(place.run_dir, ignore_errors=True)
    shutil.rmtree(place.clone_dir, ignore_errors=True)
