"""What is pinned in different files has to agree."""

import re
import tomllib
from pathlib import Path

import pytest

from local_cluster.tools.catalogue import (
    CLUSTER,
    KUBERNETES_VERSION,
    KWOK_VERSION,
    PULUMI,
    PULUMI_VERSION,
    SOURCES,
    FromPython,
    Program,
)
from local_cluster.tools.toolset import PROVIDER_VERSION

ROOT = Path(__file__).resolve().parents[3]
PROGRAMS = [item for item in (*PULUMI, *CLUSTER) if isinstance(item, Program)]
LOCKS = [ROOT / "requirements.lock", ROOT / "local_cluster" / "toolchain" / "go.lock"]


def dependencies() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    listed: list[str] = project["project"]["dependencies"]
    return listed


@pytest.mark.parametrize(
    ("folder", "module", "version"),
    [
        ("pulumi", "github.com/pulumi/pulumi/pkg/v3", PULUMI_VERSION),
        ("langhost", "github.com/pulumi/pulumi/sdk/v3", PULUMI_VERSION),
        ("kubernetes", "k8s.io/kubernetes", KUBERNETES_VERSION),
        ("kwok", "sigs.k8s.io/kwok", KWOK_VERSION),
    ],
)
def test_a_program_calls_itself_what_its_module_is(folder: str, module: str, version: str) -> None:
    required = (SOURCES / "toolchain" / folder / "go.mod").read_text()

    assert re.search(rf"{re.escape(module)} v{re.escape(version)}\b", required)


def test_the_python_packages_fit_the_tools() -> None:
    assert f"pulumi=={PULUMI_VERSION}" in dependencies()
    assert f"pulumi-kubernetes=={PROVIDER_VERSION}" in dependencies()


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_every_program_has_a_module_with_sums(program: Program) -> None:
    folder = SOURCES / program.folder

    assert (folder / "go.mod").exists()
    needs_sums = "require" in (folder / "go.mod").read_text()
    assert not needs_sums or (folder / "go.sum").exists()


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_file_has_hashes_and_no_addresses(lock: Path) -> None:
    text = lock.read_text()

    packages = re.findall(r"^([a-z0-9-]+)==", text, re.MULTILINE)
    assert packages
    assert all(re.search(rf"^{name}==[^\n]*\\\n +--hash=sha256:", text, re.M) for name in packages)
    assert "://" not in text


def test_every_python_package_that_a_tool_comes_from_is_locked() -> None:
    text = LOCKS[0].read_text()

    for item in CLUSTER:
        if isinstance(item, FromPython):
            assert f"\n{item.distribution}==" in text
