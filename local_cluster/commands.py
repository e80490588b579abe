"""The commands of the local cluster, as typed: `python -m local_cluster up`, or `make up`."""

import os
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from local_cluster import api
from local_cluster.cluster import Cluster
from local_cluster.errors import ImpossibleHereError, LocalClusterError
from local_cluster.images import add_image
from local_cluster.logs import find_logs, follow, match_logs
from local_cluster.progress import Progress
from local_cluster.status import ProcessState, container_states, control_plane_states, explain_dead

app = typer.Typer(
    help="A real Kubernetes with Istio on this machine, as plain processes.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
image_app = typer.Typer(help="Which image is run by which command.", no_args_is_help=True)
app.add_typer(image_app, name="image")

_console = Console(highlight=False, soft_wrap=True)

FAILED, IMPOSSIBLE_HERE = 1, 2


def run() -> int:
    """Exit status: 0 done, 1 failed, 2 wrong usage, or this machine or account cannot run a cluster.

    What is wrongly typed ends the program in here, with typer's own words.
    """
    try:
        app()
    except ImpossibleHereError as error:
        return _complain(error, IMPOSSIBLE_HERE)
    except LocalClusterError as error:
        return _complain(error, FAILED)
    return 0


@app.command()
def up() -> None:
    """Start the cluster, building its tools first where they are missing."""
    cluster = api.ensure_up(Progress())
    _console.print(f"up. Once the gateway is deployed it answers on {cluster.gateway_url}")
    _console.print("`make shell` has pulumi, kubectl and istioctl; `make down` ends it all.")


@app.command()
def down() -> None:
    """End the cluster and remove everything it made."""
    api.down()


@app.command()
def status() -> None:
    """Say what runs, and name what died with the end of its log (exit status 1)."""
    cluster = _found()
    states = [*control_plane_states(cluster.place), *container_states(cluster.place)]
    _console.print(_table(states))
    _console.print(f"kubeconfig {cluster.kubeconfig}")
    _console.print(f"gateway    {cluster.gateway_url} and {cluster.gateway_https_url}")
    explanation = explain_dead(states)
    if explanation:
        raise LocalClusterError(explanation)


@app.command()
def logs(
    name: Annotated[str, typer.Argument(help="A process, namespace, pod or container.")] = "",
    follow_: Annotated[
        bool, typer.Option("-f", "--follow", help="Go on as it is written.")
    ] = False,
) -> None:
    """List the logs, or show those of one process or pod."""
    found = find_logs(_found().place)
    if not name:
        for known in found:
            _console.print(known, markup=False)
        return
    chosen = match_logs(found, name)
    if not chosen:
        message = f"no log is called {name}; without a name, all are listed"
        raise LocalClusterError(message)
    for known, file in chosen.items():
        for line in file.read_text(errors="replace").splitlines():
            _print_line(known, line, alone=len(chosen) == 1)
    if follow_:
        for known, line in follow(chosen):
            _print_line(known, line, alone=len(chosen) == 1)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def shell(context: typer.Context) -> None:
    """Open a shell where pulumi, kubectl, istioctl speak to the cluster; after `--`, run that."""
    cluster = _found()
    command = context.args or [os.environ.get("SHELL", "/bin/sh")]
    os.execvpe(command[0], command, cluster.env)


@app.command()
def tools() -> None:
    """Build the tools into the cache; nothing to do where they are there."""
    folder = api.ensure_tools(Progress()).folder
    _console.print(f"tools: {folder}")


@app.command()
def add_ons() -> None:
    """Fetch Prometheus and Zipkin where they are missing, and have the cluster run their pods."""
    api.run_add_ons(_found(), Progress())
    _console.print("pods of Prometheus and Zipkin that are made from now on are run")


@image_app.command("add", context_settings={"ignore_unknown_options": True})
def image_add(
    image: Annotated[str, typer.Argument(help="Glob over the repository, without tag.")],
    command: Annotated[
        list[str], typer.Argument(help="After `--`: what to run; $(IMAGE) is expanded.")
    ],
    user: Annotated[int, typer.Option(help="uid and gid of the process.")] = 1000,
) -> None:
    """Run containers of that image by a command, in pods made from now on."""
    add_image(_found().place.images, image, command, user=user)


def _found() -> Cluster:
    cluster = api.find()
    if cluster is None:
        message = "no cluster of this clone is up; `make up` starts one"
        raise LocalClusterError(message)
    return cluster


def _table(states: list[ProcessState]) -> Table:
    table = Table("process", "pid", "state", "restarts", box=None, pad_edge=False)
    for state in states:
        word = "[green]runs[/]" if state.alive else "[red]ended[/]"
        table.add_row(escape(state.name), str(state.pid or "-"), word, str(state.restarts or ""))
    return table


def _print_line(name: str, line: str, *, alone: bool) -> None:
    print(line if alone else f"{name}: {line}", flush=True)


def _complain(error: Exception, status: int) -> int:
    Console(stderr=True, highlight=False, soft_wrap=True).print(
        f"mesh-canary: {error}", markup=False
    )
    return status
