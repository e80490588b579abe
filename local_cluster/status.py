"""What runs, and what does not: each dead process with the end of its log.

A pod's processes are the node agent's business, which restarts them; it writes down what it knows
in a `pod.json` per pod. Here that is only read.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from local_cluster import processes
from local_cluster.cluster import cluster_processes
from local_cluster.place import Place

_LOG_LINES = 8


@dataclass(frozen=True)
class ProcessState:
    """One process that ought to run."""

    name: str
    pid: int
    alive: bool
    log: Path
    restarts: int = 0


def control_plane_states(place: Place) -> list[ProcessState]:
    """Every process of the control plane that was ever started."""
    return [
        ProcessState(name, process.pid, processes.is_alive(process), Path(process.log))
        for name, process in cluster_processes(place).items()
    ]


def container_states(place: Place) -> list[ProcessState]:
    """Every container that the node agent runs as a process, named `<namespace>/<pod>/<container>`.

    One that is pretended, or that is to run only once and has, is left out.
    """
    states = []
    for file in sorted(place.pods_dir.glob("*/pod.json")):
        try:
            pod = json.loads(file.read_text())
        except (OSError, ValueError):  # the pod is going away
            continue
        for container in pod["containers"]:
            if container["init"] or container["mode"] == "pretend":
                continue
            process = processes.Process(
                f"{pod['namespace']}/{pod['pod']}/{container['name']}",
                container["pid"],
                container["start_time"],
                container["log"],
            )
            alive = container["pid"] != 0 and processes.is_alive(process)
            log = Path(process.log)
            states.append(
                ProcessState(process.name, process.pid, alive, log, container["restarts"])
            )
    return states


def explain_dead(states: list[ProcessState]) -> str | None:
    """The processes that ended, each with its last log lines; None where all live."""
    dead = [f"{s.name} has ended. {_last_lines(s.log)}" for s in states if not s.alive]
    return "\n".join(dead) or None


def _last_lines(log: Path) -> str:
    try:
        lines = log.read_text(errors="replace").splitlines()[-_LOG_LINES:]
    except OSError:
        lines = []
    if not lines:
        return "It wrote no log."
    return "\n".join(["The end of its log:", *(f"    {line}" for line in lines)])
