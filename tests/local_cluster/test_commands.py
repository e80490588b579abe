"""What is typed: make's targets, the start of the project's Python, the commands' exit statuses."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_make_alone_lists_every_target_with_what_it_does() -> None:
    listed = subprocess.run(
        ["make", "-C", str(ROOT), "--no-print-directory"],
        capture_output=True,
        text=True,
        check=True,
    )
    (phony,) = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)

    described = re.findall(r"^  make (\S+) +\S", listed.stdout, re.MULTILINE)
    assert sorted(phony.split()) == sorted(described)


def test_a_machine_without_python_is_told_in_one_line(tmp_path: Path) -> None:
    for command in ("sh", "dirname", "id", "printf"):
        (tmp_path / command).symlink_to(shutil.which(command) or "")

    told = subprocess.run(
        [ROOT / "scripts" / "python", "--version"],
        env={"PATH": str(tmp_path), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert told.returncode == 2
    assert len(told.stderr.splitlines()) == 1
    assert "Python 3.11 or newer" in told.stderr


def test_a_python_environment_that_is_there_is_used_without_a_word() -> None:
    said = subprocess.run(
        [ROOT / "scripts" / "python", "-c", "import pulumi, rich"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert said.stdout + said.stderr == ""


@pytest.mark.parametrize("command", [["status"], ["logs"], ["shell"]])
def test_a_command_without_a_cluster_says_how_to_start_one(
    command: list[str], tmp_path: Path
) -> None:
    """In a copy of the package, which is a clone without a cluster."""
    shutil.copytree(
        ROOT / "local_cluster",
        tmp_path / "local_cluster",
        ignore=shutil.ignore_patterns("toolchain", "node_agent", "standin"),
    )

    told = subprocess.run(
        [sys.executable, "-m", "local_cluster", *command],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert told.returncode == 1
    assert told.stderr == "mesh-canary: no cluster of this clone is up; `make up` starts one\n"


def test_a_command_that_does_not_exist_is_answered_without_a_traceback() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "local_cluster", "bogus"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert told.returncode == 2
    assert "No such command 'bogus'" in told.stderr
    assert "Traceback" not in told.stderr


def test_an_account_without_rights_is_told_in_one_line() -> None:
    drop = ("setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin")
    told = subprocess.run(
        [*(drop if os.geteuid() == 0 else ()), sys.executable, "-m", "local_cluster", "up"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert told.returncode == 2
    assert len(told.stderr.splitlines()) == 1
    assert "mesh-canary: the local cluster needs root" in told.stderr
