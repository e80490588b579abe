"""The builder with a Go that copies instead of compiling."""

import multiprocessing
import os
from pathlib import Path

import pytest

from local_cluster.errors import LocalClusterError
from local_cluster.progress import Progress
from local_cluster.tools import build
from local_cluster.tools.catalogue import Program

GO = """#!/bin/sh
# The output of `go build` is the main.go of the folder; every call is noted.
if [ "$1" = env ]; then echo go1.26.8; exit; fi
echo "$PWD" >> "$NOTES"
sleep 0.05
while [ "$1" != -o ]; do shift; done
if grep -q broken main.go; then echo "main.go:1: broken" >&2; exit 1; fi
mkdir -p "$(dirname "$2")"
cp main.go "$2"
"""
NAMES = ("alpha", "beta")


@pytest.fixture
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two programs to build, a Go to build them, and the notes of what it was asked for."""
    commands = tmp_path / "commands"
    commands.mkdir()
    (commands / "go").write_text(GO)
    (commands / "go").chmod(0o755)
    for name in NAMES:
        folder = tmp_path / "sources" / name
        folder.mkdir(parents=True)
        (folder / "main.go").write_text(f"package {name}")
    monkeypatch.setenv("PATH", str(commands), prepend=os.pathsep)
    monkeypatch.setenv("NOTES", str(tmp_path / "notes"))
    monkeypatch.setenv("MESH_CANARY_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(build, "SOURCES", tmp_path / "sources")
    monkeypatch.setattr(build, "PULUMI", ())
    monkeypatch.setattr(build, "CLUSTER", tuple(Program(name, name) for name in NAMES))
    return tmp_path / "notes"


def built(notes: Path) -> list[str]:
    return [Path(line).name for line in notes.read_text().split()] if notes.exists() else []


def test_every_program_is_built_into_one_folder(notes: Path) -> None:
    toolset = build.ensure_tools(Progress())

    assert built(notes) == ["alpha", "beta"]
    assert sorted(file.name for file in toolset.bin_dir.iterdir()) == ["alpha", "beta"]


def test_a_second_time_nothing_is_built(notes: Path) -> None:
    first = build.ensure_tools(Progress())
    second = build.ensure_tools(Progress())

    assert first == second
    assert len(built(notes)) == 2


def test_only_what_changed_is_built_again(notes: Path, tmp_path: Path) -> None:
    first = build.ensure_tools(Progress())
    (tmp_path / "sources" / "beta" / "main.go").write_text("package changed")
    second = build.ensure_tools(Progress())

    assert first != second
    assert built(notes) == ["alpha", "beta", "beta"]
    assert (second.bin_dir / "beta").read_text() == "package changed"


def test_a_changed_test_builds_nothing(notes: Path, tmp_path: Path) -> None:
    build.ensure_tools(Progress())
    (tmp_path / "sources" / "beta" / "main_test.go").write_text("package beta")
    build.ensure_tools(Progress())

    assert len(built(notes)) == 2


def test_a_second_clone_builds_nothing(
    notes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build.ensure_tools(Progress())
    (tmp_path / "sources").rename(tmp_path / "second-clone")
    monkeypatch.setattr(build, "SOURCES", tmp_path / "second-clone")
    build.ensure_tools(Progress())

    assert len(built(notes)) == 2


def test_a_build_that_failed_goes_on_where_it_stopped(notes: Path, tmp_path: Path) -> None:
    source = tmp_path / "sources" / "beta" / "main.go"
    source.write_text("broken")
    with pytest.raises(LocalClusterError, match=r"main\.go:1: broken"):
        build.ensure_tools(Progress())

    source.write_text("package beta")
    build.ensure_tools(Progress())

    assert built(notes) == ["alpha", "beta", "beta"]


def test_two_clones_that_build_at_once_build_everything_once(notes: Path) -> None:
    context = multiprocessing.get_context("fork")
    builders = [context.Process(target=build.ensure_tools, args=(Progress(),)) for _ in range(2)]
    for builder in builders:
        builder.start()
    for builder in builders:
        builder.join(30)

    assert [builder.exitcode for builder in builders] == [0, 0]
    assert built(notes) == ["alpha", "beta"]


def test_the_caches_of_go_are_dropped_when_all_is_built(notes: Path, tmp_path: Path) -> None:
    module = tmp_path / "cache" / "go" / "modules" / "example"
    module.mkdir(parents=True)

    build.ensure_tools(Progress())

    assert built(notes)
    assert not (tmp_path / "cache" / "go").exists()


def test_caches_that_were_named_are_kept(
    notes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = tmp_path / "mine"
    named.mkdir()
    monkeypatch.setenv("MESH_CANARY_GOMODCACHE", str(named))
    monkeypatch.setenv("MESH_CANARY_GOCACHE", str(named))

    build.ensure_tools(Progress())

    assert built(notes)
    assert named.exists()
