"""Starting, starting again, repairing, ending: on clusters of their own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from local_cluster import api
from local_cluster.cluster import Cluster, cluster_processes
from local_cluster.errors import LocalClusterError
from local_cluster.membership import all_processes
from local_cluster.place import Place
from local_cluster.processes import is_alive
from local_cluster.status import control_plane_states, explain_dead
from tests.cluster.local_cluster.conftest import kubectl, process

MakeClone = Callable[[str], Path]

NOTHING_TO_DO_SECONDS = 1.0


def machine_state(place: Place) -> dict[str, object]:
    """What a cluster could leave on this machine."""

    def lines(*command: str) -> list[str]:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return sorted(line for line in done.stdout.splitlines() if not line.startswith("#"))

    return {
        "processes": [p.name for p in all_processes(place)],
        "namespaces": [n for n in lines("ip", "netns", "list") if n.startswith(place.namespace)],
        "links": [line.split()[1] for line in lines("ip", "-o", "link")],
        "routes": lines("ip", "route", "show", "table", "all"),
        "rules": [line for line in lines("iptables-save") if line.startswith("-A")],
        "run folder": place.run_dir.exists(),
        "name files": list(Path("/etc/netns").glob(f"{place.namespace}*")),
        "clone": sorted(path.name for path in place.clone.iterdir()),
    }


def test_a_second_up_does_nothing(damaged: Cluster, tools: api.Toolset) -> None:
    before = cluster_processes(damaged.place)
    start = time.monotonic()
    again = api.up(tools, api.Progress(), damaged.place.clone)
    seconds = time.monotonic() - start

    assert damaged == again
    assert before == cluster_processes(damaged.place)
    assert seconds < NOTHING_TO_DO_SECONDS


@pytest.mark.parametrize("victim", ["kube-scheduler", "kwok", "forwarder", "kube-apiserver"])
def test_a_process_that_died_is_named_and_up_starts_it_again(
    damaged: Cluster, tools: api.Toolset, victim: str
) -> None:
    place = damaged.place
    os.kill(process(place, victim).pid, signal.SIGKILL)
    while is_alive(process(place, victim)):
        time.sleep(0.01)
    explanation = explain_dead(control_plane_states(place))
    assert explanation is not None
    assert explanation.startswith(f"{victim} has ended.")

    api.up(tools, api.Progress(), place.clone)

    assert explain_dead(control_plane_states(place)) is None
    assert kubectl(damaged, "get", "nodes", "-o", "name") == "node/local"


def test_a_cluster_whose_namespace_is_gone_is_started_anew(
    damaged: Cluster, tools: api.Toolset
) -> None:
    subprocess.run(["ip", "netns", "delete", damaged.place.namespace], check=True)

    anew = api.up(tools, api.Progress(), damaged.place.clone)

    assert kubectl(anew, "get", "nodes", "-o", "name") == "node/local"


def test_down_leaves_nothing_behind(new_clone: MakeClone, tools: api.Toolset) -> None:
    clone = new_clone("clone")
    place = Place(clone)
    before = machine_state(place)

    api.up(tools, api.Progress(), clone)
    api.down(clone)

    assert before == machine_state(place)


def test_down_after_everything_was_killed_leaves_nothing_behind(
    new_clone: MakeClone, tools: api.Toolset
) -> None:
    clone = new_clone("clone")
    place = Place(clone)
    before = machine_state(place)
    api.up(tools, api.Progress(), clone)
    for ours in all_processes(place):
        os.kill(ours.pid, signal.SIGKILL)

    api.down(clone)

    assert before == machine_state(place)


@pytest.mark.parametrize("after_seconds", [0.1, 0.4, 1.5])
def test_down_after_an_up_that_was_killed_leaves_nothing_behind(
    new_clone: MakeClone, tools: api.Toolset, after_seconds: float
) -> None:
    clone = new_clone("clone")
    place = Place(clone)
    before = machine_state(place)
    program = (
        "from pathlib import Path\n"
        "from local_cluster import api\n"
        f"tools = api.Toolset(Path({str(tools.folder)!r}))\n"
        "print('ready', flush=True)\n"
        f"api.up(tools, api.Progress(), Path({str(clone)!r}))\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as started:
        assert started.stdout is not None
        started.stdout.readline()
        time.sleep(after_seconds)
        started.kill()

    api.down(clone)

    assert before == machine_state(place)


def test_up_after_an_up_that_was_killed_gives_a_whole_cluster(
    new_clone: MakeClone, tools: api.Toolset
) -> None:
    clone = new_clone("clone")
    place = Place(clone)
    place.clone_dir.mkdir()
    place.run_dir.mkdir()
    (place.clone_dir / "run").symlink_to(place.run_dir)

    cluster = api.up(tools, api.Progress(), clone)

    assert kubectl(cluster, "get", "nodes", "-o", "name") == "node/local"


def test_down_without_a_cluster_is_harmless(new_clone: MakeClone) -> None:
    api.down(new_clone("clone"))


def test_two_clones_have_clusters_side_by_side(new_clone: MakeClone, tools: api.Toolset) -> None:
    first = api.up(tools, api.Progress(), new_clone("first"))
    second = api.up(tools, api.Progress(), new_clone("second"))
    kubectl(first, "create", "namespace", "only-here")

    assert first.gateway_port != second.gateway_port
    assert "only-here" not in kubectl(second, "get", "namespaces", "-o", "name")

    api.down(first.place.clone)
    assert kubectl(second, "get", "nodes", "-o", "name") == "node/local"


def test_a_process_that_cannot_start_is_named_with_its_last_words(
    new_clone: MakeClone, tools: api.Toolset, tmp_path: Path
) -> None:
    broken = tmp_path / "tools"
    broken.mkdir()
    for part in tools.folder.iterdir():
        if part.name != "bin":
            (broken / part.name).symlink_to(part)
    (broken / "bin").mkdir()
    for program in tools.bin_dir.iterdir():
        (broken / "bin" / program.name).symlink_to(program)
    etcd = broken / "bin" / "etcd"
    etcd.unlink()
    etcd.write_text("#!/bin/sh\necho no disk left\nexit 1\n")
    etcd.chmod(0o755)

    with pytest.raises(LocalClusterError, match=r"etcd has ended.*\n *no disk left"):
        api.up(api.Toolset(broken), api.Progress(), new_clone("clone"))
