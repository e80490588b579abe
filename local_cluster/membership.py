"""Which processes of this machine belong to a cluster, whatever became of its records."""

from pathlib import Path

from local_cluster import network, processes
from local_cluster.cluster import cluster_processes
from local_cluster.place import Place


def all_processes(place: Place) -> list[processes.Process]:
    """Everything of ours that lives: recorded, marked, or inside one of our namespaces."""
    everything = [
        *cluster_processes(place).values(),
        *processes.marked(place.id),
        *processes.by_pid(network.pids_inside(place)),
    ]
    unique = {process.pid: process for process in everything if processes.is_alive(process)}
    return list(unique.values())


def memory_mib(place: Place) -> float:
    """What the processes occupy together, pages that several of them share counted once."""
    total_kib = 0
    for process in all_processes(place):
        try:
            text = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
        except OSError:  # it ended
            continue
        total_kib += sum(int(line.split()[1]) for line in text.splitlines() if line[:4] == "Pss:")
    return total_kib / 1024
