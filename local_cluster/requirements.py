"""Whether this machine and account can run a cluster, and the Debian packages it needs."""

import os
import platform
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from local_cluster.errors import ImpossibleHereError
from local_cluster.progress import Progress

_PACKAGES = {
    "ip": "iproute2",
    "iptables": "iptables",
    "iptables-restore": "iptables",
    "nsenter": "util-linux",
}
"""Command and the Debian package that has it. kube-proxy and pilot-agent call iptables."""

_NET_ADMIN, _SYS_ADMIN = 12, 21  # Source: linux/capability.h


def require_rights() -> None:
    """This is Linux and this account may make network namespaces.

    Raises:
        ImpossibleHereError: it is not, or may not.
    """
    problem = explain_missing_rights(platform.system(), _effective_capabilities())
    if problem:
        raise ImpossibleHereError(problem)


def explain_missing_rights(system: str, capabilities: int) -> str | None:
    """What is missing, in one line; None where a cluster can run."""
    if system != "Linux":
        return f"the local cluster needs Linux (network namespaces); this is {system}"
    needed = (1 << _NET_ADMIN) | (1 << _SYS_ADMIN)
    if capabilities & needed != needed:
        return (
            "the local cluster needs root (or CAP_NET_ADMIN and CAP_SYS_ADMIN): "
            "it makes network namespaces"
        )
    return None


def require_packages(progress: Progress) -> None:
    """Every command that a cluster needs is there; what was missing was installed where this account may.

    Raises:
        ImpossibleHereError: a command is missing and cannot be installed.
    """
    install_packages(_PACKAGES, progress, "the local cluster")


def install_packages(wanted: Mapping[str, str], progress: Progress, whom: str) -> None:
    """Every command of `wanted` (command to Debian package) is there, for `whom`.

    Raises:
        ImpossibleHereError: a command is missing and cannot be installed.
    """
    packages = missing_packages(wanted)
    if not packages:
        return
    names = " ".join(packages)
    if os.geteuid() == 0 and shutil.which("apt-get"):
        with progress.step(f"installing {names} with apt-get"):
            apt_get("update", "-qq")
            apt_get("install", "-y", "-qq", "--no-install-recommends", *packages)
    if missing_packages(wanted):
        message = f"{whom} needs these Debian packages: {names}"
        raise ImpossibleHereError(message)


def missing_packages(wanted: Mapping[str, str] = _PACKAGES) -> list[str]:
    """The packages whose commands are not on PATH."""
    return sorted({package for command, package in wanted.items() if not shutil.which(command)})


def apt_get(*arguments: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """What apt-get answered, called without questions."""
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "-o", "APT::Sandbox::User=root", *arguments]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


def _effective_capabilities() -> int:
    """Bit n is set where this process has capability n. 0 where there is no such thing."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return 0
    lines = (line.split() for line in status.splitlines())
    return next((int(line[1], 16) for line in lines if line[:1] == ["CapEff:"]), 0)
