"""A load test is a Job that is bounded three times over, and asks what the stack file says."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from mesh_canary.settings import LoadTestSettings
from mesh_canary.workloads.load_test import (
    START_SECONDS,
    Target,
    explain_load_test,
    make_load_test,
)
from tests.golden import assert_golden

GOLDEN = Path(__file__).parent / "golden" / "load_test.yaml"
WEBAPP = Target("pitstop", "webapp", 7005)


def a_load_test(**changes: Any) -> LoadTestSettings:
    """The article's, for ten minutes."""
    config = {
        "app": "pitstop",
        "workload": "webapp",
        "pages": {"home": "/", "customers": "/CustomerManagement"},
        "minutes": 10,
        **changes,
    }
    return LoadTestSettings.model_validate(config)


def made(**changes: Any) -> dict[str, Any]:
    """The Job of such a load test."""
    return make_load_test("pitstop", a_load_test(**changes), WEBAPP)


def arguments(job: dict[str, Any]) -> list[list[str]]:
    """What each generator is told."""
    return [c["args"] for c in job["spec"]["template"]["spec"]["containers"]]


def test_the_manifest_of_a_load_test() -> None:
    assert_golden(GOLDEN, yaml.safe_dump(made(), sort_keys=False))


def test_it_ends_by_itself_and_is_never_tried_again() -> None:
    job = made(minutes=3)

    assert job["spec"]["activeDeadlineSeconds"] == 180 + START_SECONDS
    assert job["spec"]["backoffLimit"] == 0
    assert job["spec"]["template"]["spec"]["restartPolicy"] == "Never"
    assert all(args[args.index("-t") + 1] == "180s" for args in arguments(job))


def test_each_page_is_asked_by_a_container_of_its_own() -> None:
    job = made()
    containers = job["spec"]["template"]["spec"]["containers"]

    assert [c["name"] for c in containers] == ["customers", "home"]
    assert [args[-1] for args in arguments(job)] == [
        "http://webapp.pitstop.svc.cluster.local:7005/CustomerManagement",
        "http://webapp.pitstop.svc.cluster.local:7005/",
    ]


def test_the_pace_of_the_article_is_at_most_about_one_request_a_second_and_page() -> None:
    (args, _) = arguments(made())

    assert args[args.index("-qps") + 1] == "0.95"
    assert args[args.index("-c") + 1] == "1"


@pytest.mark.parametrize(("rate", "connections"), [(0.5, "1"), (10.0, "1"), (25.0, "3")])
def test_the_fast_pace_is_the_rate_that_is_asked_for(rate: float, connections: str) -> None:
    (args, _) = arguments(made(pace="fast", requests_per_second=rate))

    assert args[args.index("-qps") + 1] == f"{rate:g}"
    assert args[args.index("-c") + 1] == connections


def test_its_pod_has_no_sidecar_and_no_rights() -> None:
    template = made()["spec"]["template"]

    assert template["metadata"]["labels"]["sidecar.istio.io/inject"] == "false"
    assert template["spec"]["automountServiceAccountToken"] is False
    assert template["spec"]["securityContext"]["runAsNonRoot"] is True


def test_up_does_not_wait_for_its_end() -> None:
    assert made()["metadata"]["annotations"]["pulumi.com/skipAwait"] == "true"


def test_the_outputs_say_how_to_read_both_sides() -> None:
    told = explain_load_test("pitstop", a_load_test(), WEBAPP)

    assert told["load"] == "2 pages of webapp, 0.95 requests/s each, 10 min"
    assert "job/load-test-pitstop" in str(told["answers"])
    assert "pods -n pitstop -l app=webapp" in str(told["api_errors"])


def test_one_that_does_not_run_tells_no_commands() -> None:
    told = explain_load_test("pitstop", a_load_test(running=False), WEBAPP)

    assert told == {
        "load": "2 pages of webapp, 0.95 requests/s each, 10 min",
        "running": False,
    }
