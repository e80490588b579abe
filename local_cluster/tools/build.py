"""Building what the catalogue lists, each thing once.

Everything is kept under a name made of a hash of what it was built from, and appears under that
name only when it is whole: an interrupted build resumes with the first thing that is missing. Go's
own caches (16 GB) lie below the cache while building and are dropped at the end.
"""

import hashlib
import json
import os
import platform
import shutil
from dataclasses import replace
from importlib.metadata import files, version
from pathlib import Path

from local_cluster.errors import LocalClusterError
from local_cluster.progress import Progress
from local_cluster.tools.cache import (
    alone_in_cache,
    appearing_whole,
    cache_dir,
    drop_drafts,
    remove_read_only,
)
from local_cluster.tools.catalogue import (
    CLUSTER,
    PULUMI,
    SOURCES,
    FromModule,
    FromPython,
    Item,
    Program,
)
from local_cluster.tools.go import Go, find_go
from local_cluster.tools.pulumi_on_path import pulumi_on_path
from local_cluster.tools.toolset import PROVIDER_VERSION, Toolset

_MODULES, _BUILDS = "MESH_CANARY_GOMODCACHE", "MESH_CANARY_GOCACHE"
"""Environment variables that name Go caches to use instead of our own, and to keep."""


def ensure_tools(progress: Progress) -> Toolset:
    """Every tool is in the cache; what was missing has been built.

    Raises:
        LocalClusterError: something could not be built; the text has the last lines of the
        compiler.
    """
    cache = cache_dir()
    with alone_in_cache(cache):
        drop_drafts(cache)
        go = _with_caches(find_go(cache), cache)
        items = CLUSTER if pulumi_on_path(cache) else (*PULUMI, *CLUSTER)
        store = {
            item: cache / "tools" / f"{item.name}-{item_key(item, go.version)}" for item in items
        }
        missing = [item for item in items if not store[item].exists()]
        for number, item in enumerate(missing, start=1):
            with progress.step(f"[{number}/{len(missing)}] building {item.name}"):
                _make(item, store[item], go)
        if missing:
            _drop_own_caches(cache)
        return Toolset(_assemble(list(store.values()), cache))


def item_key(item: Item, go_version: str) -> str:
    """A name for everything that decides what comes out: 16 hex digits."""
    digest = hashlib.sha256(platform.machine().encode())
    if isinstance(item, FromPython):
        digest.update(f"{item} {version(item.distribution)}".encode())
        return digest.hexdigest()[:16]
    digest.update(f"{item} {PROVIDER_VERSION} {go_version}".encode())
    folder = SOURCES / item.folder
    for path in sorted(_sources(item, folder)):
        digest.update(f"{path.relative_to(folder)} ".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _sources(item: Program | FromModule, folder: Path) -> list[Path]:
    if isinstance(item, FromModule):
        return [folder / "go.sum", folder / "go.mod"]
    everything = (path for path in folder.rglob("*") if path.is_file())
    return [path for path in everything if not path.name.endswith("_test.go")]


def _make(item: Item, target: Path, go: Go) -> None:
    with appearing_whole(target) as draft:
        match item:
            case Program():
                _build(item, draft, go)
            case FromModule():
                _take_from_module(item, draft, go)
            case FromPython():
                program = draft / "bin" / item.name
                program.parent.mkdir()
                shutil.copy(_python_file(item), program)
                program.chmod(0o755)


def _build(program: Program, draft: Path, go: Go) -> None:
    output = draft / program.place / program.name
    flags = " ".join(["-s -w", *(f"-X {name}={value}" for name, value in program.variables)])
    arguments = (
        "build",
        "-trimpath",
        f"-tags={program.tags}",
        f"-ldflags={flags}",
        "-o",
        str(output),
    )
    if not program.generates:
        go.run(*arguments, program.package, folder=SOURCES / program.folder)
        return
    sources = draft / "sources"
    shutil.copytree(SOURCES / program.folder, sources)
    for generated in program.generates:
        _take_from_module(generated, sources, go)
    _set_version(sources / "schema.json", PROVIDER_VERSION)
    go.run(*arguments, program.package, folder=sources)
    shutil.rmtree(sources)


def _take_from_module(item: FromModule, draft: Path, go: Go) -> None:
    module = go.module_dir(item.module, folder=SOURCES / item.folder)
    for source, name in item.files:
        target = draft / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (module / source).is_dir():
            shutil.copytree(module / source, target, copy_function=shutil.copyfile)
        else:
            shutil.copyfile(module / source, target)
            target.chmod(0o755 if item.executable else 0o644)
    for path in draft.rglob("*"):  # module caches are read-only, folders too
        if path.is_dir():
            path.chmod(0o755)


def _set_version(schema: Path, value: str) -> None:
    content = json.loads(schema.read_text())
    schema.write_text(json.dumps({**content, "version": value}))


def _python_file(item: FromPython) -> Path:
    for file in files(item.distribution) or ():
        if str(file).endswith(item.file):
            return Path(str(file.locate()))
    message = f"the Python package {item.distribution} has no {item.file}"
    raise LocalClusterError(message)


def _assemble(parts: list[Path], cache: Path) -> Path:
    """One folder with everything. Its files are second names of those in the store: no space."""
    key = hashlib.sha256(" ".join(part.name for part in parts).encode()).hexdigest()[:16]
    target = cache / "toolsets" / key
    if not target.exists():
        with appearing_whole(target) as draft:
            for part in parts:
                shutil.copytree(part, draft, copy_function=os.link, dirs_exist_ok=True)
    return target


def _with_caches(go: Go, cache: Path) -> Go:
    modules = os.environ.get(_MODULES, cache / "go" / "modules")
    builds = os.environ.get(_BUILDS, cache / "go" / "builds")
    return replace(go, modules=Path(modules), builds=Path(builds))


def _drop_own_caches(cache: Path) -> None:
    remove_read_only(cache / "go")
