"""Notes on pods of what they were started with: a changed secret or file changes the note, and so restarts them.

Kubernetes hands a changed Secret to no running pod, and to whichever pod starts next. The note says of every value two
bytes of a slow digest. That is enough to tell a change (one in 65,536 is missed), and too little to find the value.
"""

import hashlib
from collections.abc import Mapping
from functools import cache

from mesh_canary.settings import WorkloadSettings

SECRETS_NOTE = "mesh-canary/secrets"
FILES_NOTE = "mesh-canary/files"
ROUNDS = 20_000
SALT = b"mesh-canary"


def revisions_of(workload: WorkloadSettings, secrets: Mapping[str, str]) -> dict[str, str]:
    """The annotations of a workload's pods; none where it uses neither secrets nor files.

    `secrets` are those that are known here, by name; a secret that is made of another one stands for that.
    """
    variables = {name for key, name in workload.secret_env.items() if key not in workload.env}
    mounted = {
        name for volume in workload.volumes.values() for name in volume.secret_files.values()
    }
    files = {
        f"{name}.{file}": text
        for name, volume in workload.volumes.items()
        for file, text in volume.files.items()
    }
    used = {name: secrets[name] for name in variables | mounted if name in secrets}
    notes = {SECRETS_NOTE: _note(used), FILES_NOTE: _note(files)}
    return {key: note for key, note in notes.items() if note}


def _note(values: Mapping[str, str]) -> str:
    """a, b: a=3f09 b=11c2."""
    return " ".join(f"{name}={_revision(value)}" for name, value in sorted(values.items()))


@cache
def _revision(value: str) -> str:
    """The same wherever the value is used: with a digest of its own at each place, all together would give it away."""
    return hashlib.pbkdf2_hmac("sha256", value.encode(), SALT, ROUNDS)[:2].hex()
