"""A workload at another version than its own."""

from mesh_canary.settings import VersionSettings, WorkloadSettings


def with_version(workload: WorkloadSettings, version: VersionSettings) -> WorkloadSettings:
    """`workload` at another version: its own settings, but for what the version says itself.

    A variable that the version says in plain text is not a secret any more, and the other way round.
    """
    said = {*version.env, *version.secret_env}
    env = {key: value for key, value in workload.env.items() if key not in said}
    secret_env = {key: name for key, name in workload.secret_env.items() if key not in said}
    changes = {
        "version": version.version,
        "image": version.image,
        "replicas": version.replicas or workload.replicas,
        "env": {**env, **version.env},
        "secret_env": {**secret_env, **version.secret_env},
        "ready_seconds": version.ready_seconds or workload.ready_seconds,
    }
    return workload.model_copy(update=changes)
