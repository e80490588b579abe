"""What an operator reads with `kubectl` at every stage of a release: versions, subsets and routes, complete."""

from pathlib import Path

import pytest
import yaml

from mesh_canary.release import plan_release
from mesh_canary.routing import ROUTERS
from stacks.translation import route_of, version_args
from tests.builders import a_stack, at, release_config
from tests.golden import assert_golden

GOLDEN = Path(__file__).parent / "golden"
STAGES: dict[str, int | str] = {
    "dark": "dark",
    "mirror": "mirror",
    "weighted": 10,
    "promoted": "promoted",
    "rolled_back": "rolled_back",
}


@pytest.mark.parametrize("mesh", ROUTERS)
@pytest.mark.parametrize("stage", STAGES)
def test_the_objects_of_a_stage_are_as_reviewed(mesh: str, stage: str) -> None:
    settings = a_stack(releases={"reviews": release_config(testers={"end-user": "jason"})})
    release = at(STAGES[stage], testers={"end-user": "jason"})
    plan, (_, app) = plan_release(release), settings.app_of(release)
    route, router = route_of(settings, release), ROUTERS[mesh]

    objects = [m for w in plan.workloads for m in version_args(app, "reviews", w)["manifests"]]
    objects += [router.make_subsets(route, plan.subsets), *router.make_routes(route, plan.split)]
    objects.sort(key=lambda m: (m["kind"], m["metadata"]["name"]))

    text = yaml.safe_dump_all(objects, sort_keys=True, explicit_start=True)
    assert_golden(GOLDEN / mesh / f"{stage}.yaml", text)


def test_every_mesh_has_a_file_for_every_stage_and_no_other() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == set(ROUTERS)
    for mesh in ROUTERS:
        assert {path.stem for path in (GOLDEN / mesh).iterdir()} == set(STAGES)
