"""Who may call a service: written when every caller has its sidecar, and no sidecar goes before it."""

from typing import Any

import pytest

from tests.builders import release_config, stack_config
from tests.components.recorder import refused, run_program
from tests.components.run import Run

ACCESS = {"access": {"reviews": {"from": ["productpage"]}}}
RELEASES = {"reviews": release_config()}
TLS = {"reviews": release_config(mutual_tls=True)}
POLICY = "bookinfo-reviews-access"


def bookinfo(
    releases: dict[str, Any] | None = None, mesh: dict[str, Any] | None = None, **app: Any
) -> dict[str, Any]:
    """Bookinfo with these keys on a mesh that is there already."""
    return stack_config(
        apps={"bookinfo": {"namespace": "bookinfo", **app}},
        releases=releases or {},
        **({"mesh": mesh} if mesh else {}),
    )


def is_before(run: Run, first: str, second: str) -> bool:
    return run.done.index(run[first].urn) < run.done.index(run[second].urn)


def test_access_is_one_object_per_workload_and_goes_with_its_key() -> None:
    before = run_program(bookinfo(**ACCESS))
    after = run_program(bookinfo(), before)

    assert before[POLICY].inputs["metadata"]["name"] == "reviews"
    assert after.of_type("AuthorizationPolicy") == []


@pytest.mark.parametrize("releases", [{}, RELEASES])
def test_callers_have_their_sidecars_before_anybody_is_refused(releases: dict[str, Any]) -> None:
    """Otherwise callers whose pods have not restarted yet get 403 from the first pod with a sidecar."""
    without = run_program(bookinfo(sidecars=False))
    before = run_program(bookinfo(releases, sidecars=["productpage"]), without)
    run = run_program(bookinfo(releases, sidecars=["productpage", "reviews"], **ACCESS), before)

    assert is_before(run, "bookinfo-productpage-v1-deployment", POLICY)
    assert is_before(run, "bookinfo-reviews-v1-deployment", POLICY)


def test_a_new_app_is_never_open_to_everybody() -> None:
    """Nobody calls it yet, so there is nothing to wait for: pods take longer to be ready than a policy to be there."""
    run = run_program(bookinfo(**ACCESS))

    assert run["bookinfo-productpage-v1-deployment"].urn not in run[POLICY].dependencies


@pytest.mark.parametrize(
    "app",
    [{"sidecars": ["reviews"]}, {"sidecars": ["productpage"]}, {"sidecars": False}],
    ids=["caller", "called", "both"],
)
def test_access_and_a_sidecar_do_not_go_in_one_run(app: dict[str, Any]) -> None:
    before = run_program(bookinfo(**ACCESS))
    message, run = refused(bookinfo(**app), before)

    assert "apps.bookinfo.access.reviews - " in message
    assert "`pulumi up`; then take the sidecars away" in message
    assert run.resources == []


@pytest.mark.parametrize("mesh", [{"kind": "none"}, {"kind": "linkerd", "install": False}])
def test_access_and_the_mesh_do_not_go_in_one_run(mesh: dict[str, Any]) -> None:
    before = run_program(bookinfo(**ACCESS))
    message, _ = refused(bookinfo(mesh=mesh), before)

    assert "productpage and reviews would lose the sidecar" in message


def test_access_goes_and_then_the_sidecars() -> None:
    before = run_program(bookinfo(**ACCESS))
    free = run_program(bookinfo(), before)
    run = run_program(bookinfo(sidecars=False), free)

    assert run.of_type("AuthorizationPolicy") == []


def test_an_app_that_goes_as_a_whole_takes_its_policies_with_it() -> None:
    before = run_program(bookinfo(**ACCESS))

    assert run_program(bookinfo(enabled=False), before).of_type("AuthorizationPolicy") == []


def test_mutual_tls_and_the_sidecars_do_not_go_in_one_run() -> None:
    """Every request to a pod without a sidecar would be answered with 503 until the DestinationRule is written."""
    before = run_program(bookinfo(TLS))
    message, run = refused(bookinfo(RELEASES, sidecars=["productpage"]), before)

    assert "reviews would lose its sidecars" in message
    assert run.resources == []


def test_mutual_tls_goes_and_then_the_sidecars() -> None:
    before = run_program(bookinfo(TLS))
    plain = run_program(bookinfo(RELEASES), before)

    assert run_program(bookinfo(RELEASES, sidecars=["productpage"]), plain).resources
