"""From nothing to a page that answers: the cluster of this clone is taken down first.

- `cluster_ready_seconds`: from no process at all, tools cached, until productpage answers through
  the gateway on the host's loopback; the sum of the four parts below it, by the wall clock.
  - `control_plane_seconds`: `local_cluster.api.up`, until pods can be made.
  - `stack_seconds`: `pulumi stack init`.
  - `pulumi_up_seconds`: one `pulumi up` of mesh, gateway and Bookinfo (Pulumi.dev.yaml without its
    release).
  - `page_seconds`: from there until the first 2xx of /productpage.
- `memory_mib`: PSS of every process of the cluster, pods included, pages shared by several counted
  once (smaps_rollup), when the page answers.
- `processes`: how many processes that are.

The cluster stays up afterwards.
"""

import time
from collections.abc import Iterator

from bench.figures import Benchmark, Figure, seconds
from demo.bookinfo import PAGE
from demo.ground import clear_ground
from demo.pulumi_stack import Stack
from demo.setting_up import wait_for_answer
from demo.stack_file import StackFile
from local_cluster import api
from local_cluster.api import Progress
from local_cluster.membership import all_processes

_STACK = "bench-ready"


def run(progress: Progress) -> Iterator[Figure]:
    """Takes the cluster down, then measures its way up."""
    tools = api.ensure_tools(progress)
    clear_ground(progress, "taking down the cluster of this clone: this starts from nothing")
    marks = [time.monotonic()]
    cluster = api.up(tools, progress)
    marks.append(time.monotonic())
    path = cluster.place.clone_dir / f"{_STACK}.yaml"
    stack = Stack(_STACK, cluster, path)
    file = StackFile(path, cluster.place.clone / "Pulumi.dev.yaml", stack.create())
    file.write_without_releases()
    marks.append(time.monotonic())
    with progress.step("pulumi up: mesh, gateway and Bookinfo"):
        stack.up()
    marks.append(time.monotonic())
    wait_for_answer(cluster.gateway_url, PAGE)
    marks.append(time.monotonic())
    yield seconds("cluster_ready", marks[-1] - marks[0])
    parts = ("control_plane", "stack", "pulumi_up", "page")
    for name, start, end in zip(parts, marks, marks[1:], strict=False):
        yield seconds(name, end - start)
    yield Figure("memory_mib", round(api.memory_mib(cluster), 1), "MiB")
    yield Figure("processes", len(all_processes(cluster.place)), "processes")


BENCHMARK = Benchmark(
    "local_cluster", "cluster, Istio, gateway and Bookinfo from nothing: seconds, MiB", run
)
