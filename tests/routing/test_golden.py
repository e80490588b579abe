"""What an operator reads with `kubectl` at every stage of a release: versions, subsets and routes, complete."""

from pathlib import Path

import pytest
import yaml

from mesh_canary.routing import ROUTERS
from tests.golden import assert_golden
from tests.routing.written import asked, written

GOLDEN = Path(__file__).parent / "golden"
STAGES: dict[str, int | str] = {
    "dark": "dark",
    "mirror": "mirror",
    "weighted": 10,
    "promoted": "promoted",
    "rolled_back": "rolled_back",
}
JASON = {"end-user": "jason"}


def stages_of(name: str) -> set[str]:
    """The stages that a router can do."""
    return set(STAGES) - ({"mirror"} - ROUTERS[name].capabilities)


CASES = [(name, stage) for name in ROUTERS for stage in STAGES if stage in stages_of(name)]


@pytest.mark.parametrize(("name", "stage"), CASES)
def test_the_objects_of_a_stage_are_as_reviewed(name: str, stage: str) -> None:
    router = ROUTERS[name]
    testers = JASON if "testers" in router.capabilities else {}
    objects = list(written(router, asked(router, STAGES[stage], testers=testers)).all)
    objects.sort(key=lambda m: (m["kind"], m["metadata"]["name"]))

    text = yaml.safe_dump_all(objects, sort_keys=True, explicit_start=True)
    assert_golden(GOLDEN / name / f"{stage}.yaml", text)


def test_every_router_has_a_file_for_every_stage_and_no_other() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == set(ROUTERS)
    for name in ROUTERS:
        assert {path.stem for path in (GOLDEN / name).iterdir()} == stages_of(name)
