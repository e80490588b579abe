from pathlib import Path

import pytest

from local_cluster.tools.catalogue import PULUMI_VERSION
from local_cluster.tools.pulumi_on_path import pulumi_on_path


def install(folder: Path, version: str, *, language_host: bool = True) -> Path:
    folder.mkdir(parents=True)
    program = folder / "pulumi"
    program.write_text(f"#!/bin/sh\necho v{version}\n")
    program.chmod(0o755)
    if language_host:
        (folder / "pulumi-language-python").touch(mode=0o755)
    return program


def look(monkeypatch: pytest.MonkeyPatch, program: Path, cache: Path) -> Path | None:
    monkeypatch.setattr("shutil.which", lambda _: str(program))
    return pulumi_on_path(cache)


def test_a_pulumi_of_the_pinned_version_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = install(tmp_path / "usr", PULUMI_VERSION)

    assert program == look(monkeypatch, program, tmp_path / "cache")


def test_another_version_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = install(tmp_path / "usr", "3.258.0")

    assert look(monkeypatch, program, tmp_path / "cache") is None


def test_one_without_a_python_language_host_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = install(tmp_path / "usr", PULUMI_VERSION, language_host=False)

    assert look(monkeypatch, program, tmp_path / "cache") is None


def test_the_one_we_built_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell that was opened on the cluster has it on PATH."""
    program = install(tmp_path / "cache" / "toolsets" / "x" / "bin", PULUMI_VERSION)

    assert look(monkeypatch, program, tmp_path / "cache") is None
