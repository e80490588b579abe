"""Starting a cluster, and making a damaged one whole again.

Everything that can start at once does; what needs the API server starts the moment it answers. A
second `up` finds every process alive and does nothing; after a crash it starts what is missing. A
cluster whose namespace or files are gone is taken down first and started anew.
"""

import errno
import os
import platform
import shlex
import shutil
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from local_cluster import processes
from local_cluster.api_server import ApiServer
from local_cluster.cluster import (
    Cluster,
    cluster_processes,
    find_cluster,
    record_cluster,
    records_dir,
)
from local_cluster.control_plane import API_READY, Spec, process_specs
from local_cluster.down import remove_cluster
from local_cluster.errors import LocalClusterError
from local_cluster.kubeconfig import write_kubeconfig
from local_cluster.locks import alone_in
from local_cluster.network import make_network, network_exists
from local_cluster.pki import make_pki
from local_cluster.place import API_ADDRESS, Place
from local_cluster.progress import Progress
from local_cluster.stages import make_stages
from local_cluster.status import control_plane_states, explain_dead
from local_cluster.tools.toolset import Toolset

_READY_SECONDS = 60
_POLL_SECONDS = 0.05


def bring_up(place: Place, tools: Toolset, progress: Progress) -> Cluster:
    """The cluster of the clone is up and takes pods.

    Raises:
        LocalClusterError: a process ended or the cluster was not ready in time; the text has the
        last log lines.
    """
    with alone_in(place.clone):
        found = find_cluster(place)
        if found and _is_whole(found):
            return found
        if found is None or not network_exists(place) or not place.kubeconfig.exists():
            remove_cluster(place)
            with progress.step("preparing namespace, certificates and files"):
                found = _prepare(place, tools)
        with progress.step("starting the control plane"):
            _start_missing(found)
        return found


def _is_whole(cluster: Cluster) -> bool:
    known = cluster_processes(cluster.place)
    return (
        all(spec.name in known and processes.is_alive(known[spec.name]) for spec in _specs(cluster))
        and network_exists(cluster.place)
        and cluster.kubeconfig.exists()
        and _answers(cluster)
    )


def _answers(cluster: Cluster) -> bool:
    with ApiServer(cluster) as api:
        return api.node_is_ready()


def _specs(cluster: Cluster) -> tuple[Spec, ...]:
    return process_specs(
        cluster.place,
        cluster.tools.bin_dir,
        api_port=cluster.api_port,
        gateway_port=cluster.gateway_port,
        https_port=cluster.https_port,
    )


def _prepare(place: Place, tools: Toolset) -> Cluster:
    """Everything that the processes need before they start."""
    place.run_dir.mkdir(mode=0o755)
    place.clone_dir.mkdir()
    (place.clone_dir / "run").symlink_to(place.run_dir)
    folders = (place.log_dir, records_dir(place), place.pods_dir, place.bin_dir, place.pulumi_state)
    for folder in folders:
        folder.mkdir()
    make_network(place)
    make_pki(place.pki_dir)
    (place.run_dir / "stages.yaml").write_text(make_stages(tools.kwok_stages))
    shutil.copy(Path(__file__).parent / "images.yaml", place.images)
    shutil.copytree(tools.charts, place.clone_dir / "charts")
    for name, program in tools.pod_programs().items():
        share(program, place.bin_dir / name)
    plugin = place.pulumi_home / "plugins" / tools.provider_folder
    plugin.mkdir(parents=True)
    (plugin / tools.provider.name).symlink_to(tools.provider)

    api_port, gateway_port, https_port = _free_ports(3)
    write_kubeconfig(place.inner_kubeconfig, server=API_ADDRESS, pki=place.pki_dir)
    write_kubeconfig(place.kubeconfig, server=f"127.0.0.1:{api_port}", pki=place.pki_dir)
    cluster = Cluster(place, tools, api_port, gateway_port, https_port)
    variables = (f"export {k}={shlex.quote(v)}\n" for k, v in cluster.variables.items())
    (place.clone_dir / "env").write_text("".join(variables))
    record_cluster(cluster)
    return cluster


def share(program: Path, target: Path) -> None:
    """A second name for the file, where uid 1337 can reach it; home folders are often closed."""
    try:
        os.link(program, target)
    except OSError as error:
        if error.errno not in (errno.EXDEV, errno.EPERM):
            raise
        shutil.copy(program, target)


def _free_ports(count: int) -> list[int]:
    """Loopback ports that nothing listens on, kept for the cluster's life."""
    with ExitStack() as open_ones:
        sockets = [open_ones.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in sockets]


def _start_missing(cluster: Cluster) -> None:
    known = cluster_processes(cluster.place)
    missing = [
        spec
        for spec in _specs(cluster)
        if spec.name not in known or not processes.is_alive(known[spec.name])
    ]
    for spec in missing:
        if spec.after is None:
            _start(cluster, spec)
    with ApiServer(cluster) as api:
        _wait_until(cluster, api.is_ready, API_READY)
        if "kwok" in {spec.name for spec in missing}:
            api.forget_node_lease()
        for spec in missing:
            if spec.after == API_READY:
                _start(cluster, spec)
        api.create_node({"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), "amd64"))
        _wait_until(cluster, api.node_is_ready, "node ready")
        _wait_until(cluster, api.pods_can_be_made, "service accounts")


def _start(cluster: Cluster, spec: Spec) -> None:
    place = cluster.place
    processes.start(
        spec.name,
        spec.command,
        cluster=place.id,
        records=records_dir(place),
        log=place.log_dir / f"{spec.name}.log",
        namespace=place.namespace if spec.inside else None,
        env=spec.env,
    )


def _wait_until(cluster: Cluster, holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while not holds():
        explanation = explain_dead(control_plane_states(cluster.place))
        if explanation:
            raise LocalClusterError(explanation)
        if time.monotonic() > deadline:
            message = f"{what}: not within {_READY_SECONDS} s; logs are in {cluster.place.log_dir}"
            raise LocalClusterError(message)
        time.sleep(_POLL_SECONDS)
