"""The program begins load tests after what they ask, and ends those that are not to run."""

from typing import Any

from tests.builders import stack_config
from tests.components.recorder import run_program
from tests.components.run import Run


def a_run(tags: dict[str, str] | None = None, **changes: Any) -> Run:
    """A first run with a load test on Bookinfo's page."""
    test = {
        "app": "bookinfo",
        "workload": "productpage",
        "pages": {"product": "/productpage"},
        "minutes": 5,
        **changes,
    }
    return run_program(stack_config(load_tests={"page": test}, tags=tags or {}))


def test_a_load_test_is_a_job_in_the_namespace_of_its_app() -> None:
    (job,) = a_run().of_type("Job")

    assert job.name == "bookinfo-load-test-page"
    assert job.inputs["metadata"]["namespace"] == "bookinfo"
    (container,) = job.inputs["spec"]["template"]["spec"]["containers"]
    assert container["args"][-1].endswith("productpage.bookinfo.svc.cluster.local:9080/productpage")


def test_it_begins_after_the_app_and_its_releases() -> None:
    run = a_run()
    done = run.done

    (job,) = run.of_type("Job")
    deployments = [r.urn for r in run.of_type("Deployment")]
    assert deployments
    assert all(done.index(urn) < done.index(job.urn) for urn in deployments)


def test_one_that_is_not_to_run_makes_nothing() -> None:
    run = a_run(running=False)

    assert run.of_type("Job") == []
    assert run.exports["load_tests"]["page"]["running"] is False


def test_the_outputs_tell_how_its_results_are_read() -> None:
    told = a_run().exports["load_tests"]["page"]

    assert told["answers"].startswith("kubectl logs -n bookinfo job/load-test-page")
    assert "-l app=productpage" in told["api_errors"]


def test_a_stack_without_load_tests_says_nothing_of_them() -> None:
    assert "load_tests" not in run_program(stack_config()).exports


def test_a_load_that_is_over_does_not_begin_again_by_itself() -> None:
    """What Kubernetes removed would be made anew, and a Job's pods cannot change: another tag there is another load."""
    (plain,), (tagged,) = a_run().of_type("Job"), a_run(tags={"team": "blue"}).of_type("Job")

    assert "ttlSecondsAfterFinished" not in plain.inputs["spec"]
    assert tagged.inputs["spec"] == plain.inputs["spec"]
    assert tagged.inputs["metadata"]["labels"]["team"] == "blue"


def test_sidecars_keep_the_figures_that_a_load_test_promises() -> None:
    mesh = {"kind": "istio", "install": True, "charts": "charts"}
    test = {"app": "bookinfo", "workload": "productpage", "pages": {"home": "/"}, "minutes": 5}
    kept = {
        api_errors: run_program(
            stack_config(mesh=mesh, load_tests={"page": {**test, "api_errors": api_errors}})
        )["istiod"].inputs["values"]
        for api_errors in (True, False)
    }

    matcher = kept[True]["meshConfig"]["defaultConfig"]["proxyStatsMatcher"]
    assert matcher == {"inclusionRegexps": [r"http\.outbound_.*\.downstream_rq_[1-5]xx"]}
    assert "meshConfig" not in kept[False]
