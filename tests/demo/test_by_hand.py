"""What a walk applies by hand is what the program finds: taken over, but for the one Deployment that cannot be."""

from demo.by_hand import ODD, SERVICES, make_bookinfo
from mesh_canary.workloads.adoption import check_adoption, is_ours
from stacks.translation import workload_args, workloads_of
from tests.builders import a_stack


def test_all_deployments_but_the_odd_one_can_be_taken_over() -> None:
    app = a_stack().apps["bookinfo"]
    theirs = {m["metadata"]["name"]: m for m in make_bookinfo("bookinfo", "in/gateway")}
    refused = []
    for name, workload in workloads_of(app).items():
        wanted = workload_args(app, name, workload)["manifests"][0]
        found = theirs[wanted["metadata"]["name"]]

        assert not is_ours(found)
        refused += [name for _ in check_adoption("apps.bookinfo", wanted, found)]

    assert refused == [ODD]


def test_the_samples_services_select_what_the_programs_do() -> None:
    """Or a taken over Service would lose its pods."""
    services = [m for m in make_bookinfo("bookinfo", "in/gateway") if m["kind"] == "Service"]

    assert [s["spec"]["selector"] for s in services] == [{"app": name} for name in SERVICES]
