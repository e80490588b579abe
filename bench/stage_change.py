"""One step of a release: 10 to 50 percent, beside an `up` with nothing to do and a plain kubectl.

Measured on a cluster of its own making, one round after the other, `ROUNDS` rounds; every figure is
the median of its round's values. In each round, interleaved, so that a busy machine is busy for all:

1. `stage_change_seconds`: the stack file says 50 instead of 10; `pulumi up --skip-preview --yes`.
2. `noop_up_seconds`: the same command again, with nothing to do.
3. `kubectl_apply_seconds`: `kubectl apply --server-side --force-conflicts` of the same VirtualService
   with the weights 90 and 10, by the field manager that Pulumi uses, and then, not counted, of the
   one before: neither fields nor owners have changed afterwards.
4. Back from 50 to 10 (stepping down is a legal move), by the same command with Pulumi's own traces
   switched on: `start_seconds`, `provider_start_seconds`, `writes_seconds`, `waits_seconds`,
   `program_seconds`, `end_seconds` add up to `traced_up_seconds`; `phases.py` says what they are.
5. `program_import_seconds`: a fresh interpreter imports what `__main__.py` imports. These imports
   are part of `start_seconds` (pulumi itself) and `program_seconds` (the rest).

`stage_change_over_noop` is the ratio of the first two medians.

`stage_change` uses a stack that holds the release alone (`stacks/team.yaml`), on what another stack
has set up (`stacks/environment.yaml`); `stage_change_all_in_one` a stack that holds everything
(`Pulumi.dev.yaml`).
"""

import json
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from bench.figures import Benchmark, Figure, seconds
from bench.imports import import_seconds
from bench.phases import PHASES, divide, read_spans
from demo.ground import clear_ground
from demo.pulumi_stack import Ran, Stack, run
from demo.stack_file import StackFile
from local_cluster import api
from local_cluster.api import Cluster, Progress

ROUNDS = 10
_STACKS = Path(__file__).parent / "stacks"
_RELEASE = "reviews"
_LOWER, _UPPER = {"canary_weight": 10}, {"canary_weight": 50}
_BOOKKEEPING = ("managedFields", "resourceVersion", "uid", "generation", "creationTimestamp")


def measure_team(progress: Progress) -> Iterator[Figure]:
    """A stack that holds one team's release, on an environment that another stack holds."""
    cluster = _new_cluster(progress)
    environment, _ = _open(cluster, "bench-environment", _STACKS / "environment.yaml")
    with progress.step("pulumi up: the environment"):
        environment.up()
    yield from _measure(progress, cluster, *_open(cluster, "bench-team", _STACKS / "team.yaml"))


def measure_all_in_one(progress: Progress) -> Iterator[Figure]:
    """A stack that holds mesh, gateway, apps and the release."""
    cluster = _new_cluster(progress)
    stack, file = _open(cluster, "bench-all", cluster.place.clone / "Pulumi.dev.yaml")
    with progress.step("pulumi up: mesh, gateway and apps"):
        stack.up()
    yield from _measure(progress, cluster, stack, file)


def _measure(
    progress: Progress, cluster: Cluster, stack: Stack, file: StackFile
) -> Iterator[Figure]:
    with progress.step("pulumi up: dark, then 10 percent"):
        _change(stack, file, {"stage": "dark"})
        _change(stack, file, {"stage": "weighted", **_LOWER})
    found: dict[str, list[float]] = defaultdict(list)
    for number in range(1, ROUNDS + 1):
        with progress.step(f"round {number} of {ROUNDS}"):
            for name, value in _round(cluster, stack, file):
                found[name].append(value)
    for name, values in found.items():
        yield seconds(name, median(values))
    ratio = median(found["stage_change"]) / median(found["noop_up"])
    yield Figure("stage_change_over_noop", round(ratio, 3), "ratio")


def _round(cluster: Cluster, stack: Stack, file: StackFile) -> Iterator[tuple[str, float]]:
    yield "stage_change", _change(stack, file, _UPPER)
    yield "noop_up", stack.up().seconds
    yield "kubectl_apply", _apply_by_kubectl(cluster)
    traces = cluster.run_dir / "bench-traces.json"
    traces.unlink(missing_ok=True)
    began = time.time()
    traced = _change(stack, file, _LOWER, "--otel-traces", f"file://{traces}")
    yield "traced_up", traced
    phases = divide(read_spans(traces), began, began + traced)
    for phase in PHASES:
        yield phase, phases[phase]
    yield "program_import", import_seconds(cluster.place.clone, cluster.env)


def _change(stack: Stack, file: StackFile, edit: dict[str, Any], *flags: str) -> float:
    """Seconds of the `up` after an edit; the edit itself is not counted."""
    file.edit_release(_RELEASE, edit)
    return stack.up(*flags).seconds


def _apply_by_kubectl(cluster: Cluster) -> float:
    """Seconds of one apply with other weights; afterwards the route is as it was, owners included."""
    get = ["get", "virtualservice", _RELEASE, "-n", "bookinfo", "-o", "json"]
    said = _kubectl(cluster, *get, "--show-managed-fields").output
    route = json.loads(said)
    manager = owner_of_spec(route)
    for key in _BOOKKEEPING:
        route["metadata"].pop(key, None)
    before, other = json.dumps(route), json.dumps(with_weights(route, 90, 10))
    apply = ["apply", "--server-side", "--force-conflicts", f"--field-manager={manager}", "-f"]
    file = cluster.run_dir / "bench-route.json"
    file.write_text(other)
    taken = _kubectl(cluster, *apply, str(file)).seconds
    file.write_text(before)
    _kubectl(cluster, *apply, str(file))
    return taken


def owner_of_spec(route: dict[str, Any]) -> str:
    """The field manager that applied the object's spec: Pulumi's, whatever it is called."""
    entries = route["metadata"]["managedFields"]
    owners = [e["manager"] for e in entries if "f:spec" in e["fieldsV1"]]
    if len(owners) != 1:
        message = f"one owner of the route's spec was expected, found: {owners}"
        raise RuntimeError(message)
    return str(owners[0])


def with_weights(route: dict[str, Any], stable: int, canary: int) -> dict[str, Any]:
    """The VirtualService with these weights in its rule for everybody, the last one."""
    changed: dict[str, Any] = json.loads(json.dumps(route))
    destinations = changed["spec"]["http"][-1]["route"]
    for destination, weight in zip(destinations, (stable, canary), strict=True):
        destination["weight"] = weight
    return changed


def _kubectl(cluster: Cluster, *arguments: str) -> Ran:
    return run(["kubectl", *arguments], cluster.env, cluster.place.clone)


def _open(cluster: Cluster, name: str, template: Path) -> tuple[Stack, StackFile]:
    """An empty stack and its file, in which there is no release yet."""
    path = cluster.place.clone_dir / f"{name}.yaml"
    stack = Stack(name, cluster, path)
    file = StackFile(path, template, stack.create())
    file.write_without_releases()
    return stack, file


def _new_cluster(progress: Progress) -> Cluster:
    tools = api.ensure_tools(progress)
    clear_ground(progress, "taking down the cluster of this clone: this measures on a new one")
    return api.up(tools, progress)


_WHAT = f"10 to 50 percent, nothing to do, kubectl: seconds, median of {ROUNDS}"
BENCHMARK = Benchmark("stage_change", f"{_WHAT}; release-only stack", measure_team)
ALL_IN_ONE = Benchmark(
    "stage_change_all_in_one", f"{_WHAT}; stack with everything", measure_all_in_one
)
