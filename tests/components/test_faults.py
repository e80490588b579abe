"""A fault of the stack file on its way into the cluster: in whose route it is, what is said of it, and that it goes."""

import itertools
from typing import Any

import pytest

from tests.builders import release_config, stack_config
from tests.components.recorder import run_program
from tests.components.run import Run

DELAY = {"delay_seconds": 7, "percent": 100, "headers": {"end-user": "jason"}}
RELEASES = {"reviews": release_config()}


def bookinfo(faults: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """Bookinfo with these faults, without a release unless `changes` says otherwise."""
    app = {"namespace": "bookinfo", "faults": faults or {}}
    return stack_config(**{"apps": {"bookinfo": app}, "releases": {}, **changes})


def rules_of(run: Run, service: str) -> list[str]:
    """The rules of a service's route, in their order; none without a route."""
    found = [r for r in run.of_type("VirtualService") if r.inputs["metadata"]["name"] == service]
    return [rule["name"] for r in found for rule in r.inputs["spec"]["http"]]


def test_a_service_without_a_release_gets_a_route_for_its_fault_and_loses_it_with_it() -> None:
    before = run_program(bookinfo({"ratings": DELAY}))
    after = run_program(bookinfo(), before)

    assert rules_of(before, "ratings") == ["fault-live", "live"]
    assert rules_of(after, "ratings") == []


def test_the_fault_of_a_service_under_release_is_in_the_routes_of_the_release() -> None:
    run = run_program(bookinfo({"reviews": DELAY}, releases=RELEASES))

    assert rules_of(run, "reviews") == ["fault-live", "live"]


def test_the_route_changes_hands_with_the_workload() -> None:
    """As one object: were it deleted and made anew, a release would begin without its route."""
    app = run_program(bookinfo({"reviews": DELAY}))
    dark = run_program(bookinfo({"reviews": DELAY}, releases=RELEASES), app)
    rolled_back = {"reviews": release_config(stage="rolled_back")}
    back = run_program(bookinfo({"reviews": DELAY}, releases=rolled_back), dark)
    gone = run_program(bookinfo({"reviews": DELAY}), back)
    routes = [
        next(r for r in run.of_type("VirtualService") if r.inputs["metadata"]["name"] == "reviews")
        for run in (app, dark, back, gone)
    ]

    assert {route.name for route in routes} == {"bookinfo-reviews-route"}
    for before, after in itertools.pairwise(routes):
        parents = {p.split("::")[2] for p in (after.parent, *after.former_parents)}
        assert before.parent.split("::")[2] in parents


def test_a_fault_is_in_the_outputs_while_it_is_in_force() -> None:
    run = run_program(bookinfo({"ratings": DELAY}))

    assert run.exports["faults"] == {
        "bookinfo.ratings": "Requests for ratings with end-user: jason wait 7 s; no other request meets it."
    }
    assert "faults" not in run_program(bookinfo()).exports


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"abort_status": 500, "percent": 25, "everyone": True}, "25 % of all requests"),
        (DELAY, "Requests for ratings with end-user: jason wait 7 s"),
    ],
)
def test_a_preview_says_it_in_words(
    fault: dict[str, Any], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    warned: list[str] = []
    monkeypatch.setattr("pulumi.log.warn", warned.append)
    monkeypatch.setattr("pulumi.runtime.is_dry_run", lambda: True)
    run_program(bookinfo({"ratings": fault}))

    assert [text.startswith(f"apps.bookinfo.faults.ratings: {said}") for text in warned] == [True]


def test_the_header_of_a_secret_config_is_not_said() -> None:
    run = run_program(bookinfo({"ratings": DELAY}), secret={"apps"})

    assert "jason" not in run.exports["faults"]["bookinfo.ratings"]
    assert "[hidden]" in run.exports["faults"]["bookinfo.ratings"]
