"""`python -m local_cluster.tools.go_modules test|integration|check|format`: our own Go programs.

Works in the user's own Go caches, which a developer wants to keep, unlike the builder.
"""

import subprocess
import sys
from pathlib import Path

from local_cluster.errors import LocalClusterError
from local_cluster.tools.cache import alone_in_cache, cache_dir
from local_cluster.tools.go import Go, find_go

_PACKAGE = Path(__file__).resolve().parent.parent
OWN = (_PACKAGE / "standin", _PACKAGE / "node_agent", _PACKAGE / "toolchain" / "langhost")
"""Modules whose code is ours. Those that only pin somebody else's program have nothing to test."""


def main() -> int:
    """Exit status: 0 when everything passed."""
    task = sys.argv[1] if len(sys.argv) > 1 else ""
    cache = cache_dir()
    with alone_in_cache(cache):
        go = find_go(cache)
    match task:
        case "test":
            return max(_go(go, folder, "test", "./...") for folder in OWN)
        case "integration":  # real network namespaces and processes: Linux and root
            return _go(go, _PACKAGE / "node_agent", "test", "-tags", "integration", "./...")
        case "check":
            return max(*(_go(go, folder, "vet", "./...") for folder in OWN), _unformatted(go))
        case "format":
            return _gofmt(go, "-w").returncode
        case _:
            message = "say what to do: test, integration, check or format"
            raise LocalClusterError(message)


def _go(go: Go, folder: Path, *arguments: str) -> int:
    command = [go.command, *arguments]
    return subprocess.run(command, cwd=folder, env=go.environment(), check=False).returncode


def _gofmt(go: Go, option: str) -> subprocess.CompletedProcess[str]:
    gofmt = str(Path(go.command).resolve().with_name("gofmt"))
    command = [gofmt, option, str(_PACKAGE)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _unformatted(go: Go) -> int:
    names = _gofmt(go, "-l").stdout.split()
    for name in names:
        print(f"not formatted: {name} (`make format` mends it)")
    return 1 if names else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except LocalClusterError as error:
        sys.exit(f"mesh-canary: {error}")
