"""Fetching what is not built: out of Debian packages, and by Maven. Each thing once, by its content where it is pinned.

No address stands here: apt-get and Maven ask whatever the machine is set up to ask.
"""

import hashlib
import os
import platform
import shutil
import subprocess
from pathlib import Path

from local_cluster.errors import ImpossibleHereError, LocalClusterError
from local_cluster.progress import Progress
from local_cluster.requirements import apt_get, install_packages
from local_cluster.tools.cache import alone_in_cache, appearing_whole, cache_dir, drop_drafts
from local_cluster.tools.catalogue import ADD_ONS, Fetched, FromDebian, FromMaven

JAVA = {"java": "default-jre-headless", "mvn": "maven"}
"""Command and the Debian package that has it: Zipkin is fetched by Maven and runs on Java."""
_LAST_LINES = 15


def ensure_add_on_tools(progress: Progress) -> dict[str, Path]:
    """Prometheus, promtool and Zipkin are in the cache: their files by name.

    Raises:
        ImpossibleHereError: this machine cannot have them; the text says what would help.
        LocalClusterError: fetching failed; the text has the last lines of what failed.
    """
    cache = cache_dir()
    if any(not _store(item, cache).exists() for item in ADD_ONS) or not shutil.which("java"):
        install_packages(JAVA, progress, "Prometheus and Zipkin")
    with alone_in_cache(cache):
        drop_drafts(cache)
        for item in ADD_ONS:
            store = _store(item, cache)
            if not store.exists():
                with progress.step(f"fetching {item.name}"), appearing_whole(store) as draft:
                    _fetch(item, draft)
    return {
        file.name: file
        for item in ADD_ONS
        for file in _store(item, cache).rglob("*")
        if file.is_file()
    }


def fetched_key(item: Fetched, system: str) -> str:
    """A name for everything that decides what is fetched: 16 hex digits. `system` is a Debian release."""
    return hashlib.sha256(f"{item} {platform.machine()} {system}".encode()).hexdigest()[:16]


def _store(item: Fetched, cache: Path) -> Path:
    return cache / "tools" / f"{item.name}-{fetched_key(item, _debian_release())}"


def _debian_release() -> str:
    """The code name that a Debian machine has: bookworm. Empty elsewhere."""
    try:
        return platform.freedesktop_os_release().get("VERSION_CODENAME", "")
    except OSError:
        return ""


def _fetch(item: Fetched, draft: Path) -> None:
    match item:
        case FromDebian():
            _unpack_package(item, draft)
        case FromMaven():
            _copy_artifact(item, draft)


def _unpack_package(item: FromDebian, draft: Path) -> None:
    """The package is downloaded and its files taken out; dpkg never hears of it, so no service starts."""
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        message = (
            f"{item.name} is taken out of the Debian package {item.package}: this is no Debian"
        )
        raise ImpossibleHereError(message)
    download = ("download", "-qq", item.package)
    if apt_get(*download, folder=draft).returncode:
        apt_get("update", "-qq")
        done = apt_get(*download, folder=draft)
        if done.returncode:
            message = f"`apt-get download {item.package}` failed:\n{_last(done.stderr)}"
            raise LocalClusterError(message)
    (package,) = draft.glob("*.deb")
    content = draft / "content"
    _run(["dpkg-deb", "--extract", str(package), str(content)], draft)
    for source, name in item.files:
        target = draft / name
        target.parent.mkdir(exist_ok=True)
        (content / source).rename(target)
    shutil.rmtree(content)
    package.unlink()


def _copy_artifact(item: FromMaven, draft: Path) -> None:
    """The artifact is fetched into a folder of its own, looked at, and what Maven needed itself thrown away."""
    own = draft / "repository"
    _run(
        [
            *("mvn", "--quiet", "--batch-mode", "dependency:copy"),
            f"-Dartifact={item.artifact}",
            f"-DoutputDirectory={draft}",
            f"-Dmaven.repo.local={own}",
        ],
        draft,
    )
    shutil.rmtree(own, ignore_errors=True)
    (file,) = draft.glob("*.jar")
    found = hashlib.sha256(file.read_bytes()).hexdigest()
    if found != item.sha256:
        message = f"{item.artifact} is not what was pinned: sha256 {found}"
        raise LocalClusterError(message)
    file.rename(draft / item.place)


def _run(command: list[str], folder: Path) -> None:
    env = {**os.environ, "MAVEN_OPTS": "-Xmx256m"}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        message = f"`{' '.join(command[:4])}` failed:\n{_last(done.stdout + done.stderr)}"
        raise LocalClusterError(message)


def _last(text: str) -> str:
    return "\n".join(text.splitlines()[-_LAST_LINES:])
