"""`python -m demo [SCENARIO]`: walk a release on the local cluster; `list` names the scenarios."""

import difflib
import json
import signal
import sys
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.console import Console

from demo.ground import GroundError
from demo.pulumi_stack import PulumiError
from demo.report import Report
from demo.scenarios import SCENARIOS
from demo.table import keep
from demo.walk import Walk
from local_cluster.errors import ImpossibleHereError, LocalClusterError

NOT_INTENDED, IMPOSSIBLE_HERE, STOPPED = 1, 2, 130

_STOPS = (GroundError, LocalClusterError, PulumiError, httpx.HTTPError, OSError, RuntimeError)
"""What ends a walk in words, not in a traceback."""

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def demo(
    scenario: Annotated[str, typer.Argument(help="Which walk; `list` names them all.")] = next(
        iter(SCENARIOS)
    ),
    json_to: Annotated[
        str, typer.Option("--json", help="Also write the results there; - is standard output.")
    ] = "",
    destroy: Annotated[
        bool,
        typer.Option(
            "--destroy", help="At the end, `pulumi destroy`, and look that nothing is left."
        ),
    ] = False,
) -> None:
    """Walk a scenario on the local cluster and measure every stage by real requests.

    Exit status: 0 all as intended, 1 not, 2 impossible on this machine, 130 stopped.
    """
    if scenario == "list":
        width = max(map(len, SCENARIOS))
        for story in SCENARIOS.values():
            print(f"{story.name:<{width}}  {story.summary}")
        return
    if scenario not in SCENARIOS:
        _complain(explain_unknown(scenario))
        raise typer.Exit(IMPOSSIBLE_HERE)
    raise typer.Exit(walk(scenario, json_to, destroy=destroy))


def explain_unknown(scenario: str) -> str:
    """What to type instead of a name that no scenario has."""
    near = difflib.get_close_matches(scenario, SCENARIOS, n=1)
    meant = f"did you mean {near[0]}? " if near else ""
    return f"no scenario is called {scenario}; {meant}there are: {', '.join(SCENARIOS)}"


def walk(scenario: str, json_to: str, *, destroy: bool = False) -> int:
    """Walks it and returns the exit status; an error is told in words."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends everything as Ctrl-C does
    walking = Walk(SCENARIOS[scenario], Report(stderr=json_to == "-"), destroy=destroy)
    try:
        walking.run()
    except ImpossibleHereError as error:
        _complain(str(error))
        return IMPOSSIBLE_HERE
    except _STOPS as error:
        walking.report.stopped(walking.result, str(error))
        return NOT_INTENDED
    except KeyboardInterrupt:
        walking.report.stopped(walking.result, "stopped by a signal; the load is ended")
        return STOPPED
    finally:
        _write(json_to, json.dumps(walking.result.as_data(), indent=2))
        if walking.result.removal:
            keep(walking.result)
    return NOT_INTENDED if walking.result.all_complaints else 0


def _write(where: str, text: str) -> None:
    if where == "-":
        print(text)
    elif where:
        Path(where).write_text(text + "\n")


def _complain(text: str) -> None:
    Console(stderr=True, highlight=False, soft_wrap=True).print(
        f"mesh-canary: {text}", markup=False
    )


if __name__ == "__main__":
    sys.exit(app())
