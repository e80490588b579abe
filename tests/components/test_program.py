"""What the program registers for every stack file of the repository, asked of the whole of it."""

from functools import cache
from pathlib import Path

import pytest
import yaml

from tests.components.recorder import STACK_FILES, config_of, run_program
from tests.components.run import Run
from tests.golden import assert_golden

GOLDEN = Path(__file__).parent / "golden" / "resource_names.yaml"
CLUSTER = "pulumi:providers:kubernetes::cluster"

pytestmark = pytest.mark.parametrize("path", STACK_FILES, ids=lambda path: path.name)


@cache
def run_of(path: Path) -> Run:
    """The first run of a stack file on a new stack."""
    return run_program(config_of(path))


def test_every_object_has_a_component_as_its_parent(path: Path) -> None:
    objects = [resource for resource in run_of(path).resources if resource.is_object]

    assert len(objects) >= 4
    assert all("::mesh-canary:index:" in resource.parent for resource in objects)


def test_every_component_and_object_is_on_the_stacks_own_provider(path: Path) -> None:
    """The one of a context that the stack file names; never the default one."""
    objects = [resource for resource in run_of(path).resources if resource.is_object]

    assert all(CLUSTER in resource.provider for resource in objects)


def test_nothing_of_the_kubeconfig_makes_another_provider_of_it(path: Path) -> None:
    """Every object would be replaced with it: who runs Pulumi where must not matter."""
    (provider,) = run_of(path).of_type("kubernetes")
    written = config_of(path)["cluster"].get("kubeconfig", "~/.kube/config")

    assert provider.inputs["kubeconfig"] == written
    assert provider.inputs["clusterIdentifier"] == "dev"


def test_every_object_has_the_name_that_the_cluster_knows_it_by(path: Path) -> None:
    """None gets a random suffix, which would make another object of it in every stack."""
    for resource in run_of(path).resources:
        if resource.is_object and not resource.read:
            metadata = resource.inputs.get("metadata", resource.inputs)
            assert metadata["name"], resource.name


def test_every_object_but_a_namespace_says_where_it_is(path: Path) -> None:
    for resource in run_of(path).resources:
        if resource.is_object and not resource.read and not resource.type.endswith(":Namespace"):
            metadata = resource.inputs.get("metadata", resource.inputs)
            assert metadata["namespace"], resource.name


def test_types_and_logical_names_are_as_reviewed(path: Path) -> None:
    """Renaming one would delete the object and create it anew."""
    names = {
        file.name: sorted(f"{r.type} {r.name}" for r in run_of(file).resources)
        for file in STACK_FILES
    }

    assert path.name in names
    assert_golden(GOLDEN, yaml.safe_dump(names, width=200))


def test_every_urn_is_registered_once(path: Path) -> None:
    urns = [resource.urn for resource in run_of(path).resources]

    assert len(urns) == len(set(urns))


def test_every_object_exists_once(path: Path) -> None:
    """Two resources for one object would fight over it."""
    found = [
        (r.type, m.get("namespace"), m["name"])
        for r in run_of(path).resources
        if r.is_object and not r.read and (m := r.inputs.get("metadata", r.inputs))
    ]

    assert len(found) == len(set(found))


def test_a_second_run_registers_the_same(path: Path) -> None:
    """From the state that the first one left."""

    def told(run: Run) -> list[tuple[str, str]]:
        return sorted((r.urn, yaml.safe_dump(r.inputs)) for r in run.resources)

    first = run_of(path)
    second = run_program(config_of(path), first)

    assert told(second) == told(first)
    assert second.exports["releases"] == first.exports["releases"]


def test_the_stack_says_where_every_release_stands(path: Path) -> None:
    releases = run_of(path).exports["releases"]

    assert set(releases) == set(config_of(path).get("releases", {}))
    for said in releases.values():
        assert sum(said["weights"].values()) == 100
        assert said["next"]
