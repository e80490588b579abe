"""Real Prometheus and Zipkin for a running cluster: their programs shared with it, their images registered.

Until this was done once, pods of these images are pretended like those of any image that nobody registered.
"""

from pathlib import Path
from typing import Any

from local_cluster.cluster import Cluster
from local_cluster.images import add_rule
from local_cluster.progress import Progress
from local_cluster.tools.fetch import ensure_add_on_tools
from local_cluster.up import share

_JAVA = (
    *("java", "-Xms32m", "-Xmx224m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
    *("-Xss512k", "-XX:ReservedCodeCacheSize=48m", "-XX:+ExitOnOutOfMemoryError", "-jar"),
)
"""A small Java: one collector thread, one compiler."""


def run_add_ons(cluster: Cluster, progress: Progress) -> None:
    """Pods of Prometheus and Zipkin that are made from now on are run.

    Raises:
        ImpossibleHereError: this machine cannot have them.
        LocalClusterError: fetching them failed.
    """
    bin_dir = cluster.place.bin_dir
    for name, program in ensure_add_on_tools(progress).items():
        if not (bin_dir / name).exists():
            share(program, bin_dir / name)
    for rule in rules(bin_dir):
        add_rule(cluster.place.images, rule)


def rules(bin_dir: Path) -> tuple[dict[str, Any], ...]:
    """The images and their commands; the user is the pod's own."""
    prometheus = {
        "image": "*/prometheus",
        "command": ["standin", "prometheus"],
        "pass_args": True,
        "volumes": True,
    }
    zipkin = {
        "image": "*/zipkin*",
        "command": [*_JAVA, str(bin_dir / "zipkin.jar")],
        "volumes": True,
    }
    return prometheus, zipkin
