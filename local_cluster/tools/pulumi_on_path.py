"""A `pulumi` that the machine has: used instead of building one if it is the pinned version."""

import shutil
import subprocess
from pathlib import Path

from local_cluster.tools.catalogue import PULUMI_VERSION


def pulumi_on_path(cache: Path) -> Path | None:
    """The executable, or None where ours is to be built.

    It must have its own Python language host beside it. One from our cache does not count: a shell
    that was opened on the cluster has it on PATH.
    """
    found = shutil.which("pulumi")
    if found is None:
        return None
    program = Path(found).resolve()
    if program.is_relative_to(cache.resolve()):
        return None
    if not (program.parent / "pulumi-language-python").exists():
        return None
    done = subprocess.run([program, "version"], capture_output=True, text=True, check=False)
    return program if done.stdout.strip() == f"v{PULUMI_VERSION}" else None
