"""The network namespace of a cluster: its addresses and routes, and how it all goes away again."""

import shutil
import subprocess
from pathlib import Path

from local_cluster.errors import LocalClusterError
from local_cluster.place import ADDRESSES, HOST_ADDRESS, LOAD_BALANCERS, SERVICES, Place

_NAMESPACE_FOLDER = Path("/run/netns")


def make_network(place: Place) -> None:
    """The cluster's namespace exists, answers on every pod address and forwards between pods.

    `local` in table main lets any process in it bind any address of the range, while the /32 route
    of a pod that has a namespace of its own still wins. The service ranges lead to `lo`, where
    kube-proxy's rules catch them.
    """
    name = place.namespace
    _run("ip", "netns", "add", name)
    commands = f"""link set lo up
addr add {HOST_ADDRESS}/32 dev lo
route add local {ADDRESSES} dev lo table main
route add {SERVICES} dev lo
route add {LOAD_BALANCERS} dev lo
"""
    _run("ip", "-n", name, "-batch", "-", text=commands)
    _run(
        *("nsenter", f"--net={_NAMESPACE_FOLDER / name}", "--"),
        *("sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"),
    )


def network_exists(place: Place) -> bool:
    """Whether the namespace of the control plane is there."""
    return (_NAMESPACE_FOLDER / place.namespace).exists()


def namespaces(place: Place) -> list[str]:
    """Every network namespace of this cluster, those of its pods included."""
    if not _NAMESPACE_FOLDER.is_dir():
        return []
    own = place.namespace
    names = (path.name for path in _NAMESPACE_FOLDER.iterdir())
    return sorted(name for name in names if name == own or name.startswith(f"{own}-"))


def pids_inside(place: Place) -> list[int]:
    """Every process inside one of the cluster's namespaces."""
    listings = (
        subprocess.run(
            ["ip", "netns", "pids", name], capture_output=True, text=True, check=False
        ).stdout
        for name in namespaces(place)
    )
    return [int(pid) for listing in listings for pid in listing.split()]


def remove_network(place: Place) -> None:
    """No namespace of the cluster is left; interfaces, routes and filter rules go with them."""
    for name in namespaces(place):
        subprocess.run(["ip", "netns", "delete", name], capture_output=True, check=False)
        (_NAMESPACE_FOLDER / name).unlink(missing_ok=True)  # what a killed `ip netns add` leaves
    for folder in Path("/etc/netns").glob(f"{place.namespace}*"):
        shutil.rmtree(folder, ignore_errors=True)


def _run(*command: str, text: str | None = None) -> None:
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        message = f"`{' '.join(command)}` failed: {done.stderr.strip() or done.returncode}"
        raise LocalClusterError(message)
