"""Volumes of a pod, the objects that hold what is in them, and the Secret behind a workload's variables.

Secrets and files of a service are one Secret and one ConfigMap each, called like the service: its versions share them.
"""

from collections.abc import Iterable, Mapping

from mesh_canary.routing.route import Manifest
from mesh_canary.settings import WorkloadSettings
from mesh_canary.settings.volumes import VolumeSettings
from mesh_canary.workloads.objects import make_object


def claim_name(service: str, volume: str) -> str:
    """mailserver, data: mailserver-data."""
    return f"{service}-{volume}"


def secrets_used(workload: WorkloadSettings) -> tuple[str, ...]:
    """The names of the app's secrets that a workload sees, in variables or files, sorted."""
    files = {name for volume in workload.volumes.values() for name in volume.secret_files.values()}
    return tuple(sorted({*workload.secret_env.values(), *files}))


def make_kept(
    namespace: str,
    service: str,
    workload: WorkloadSettings,
    secrets: Mapping[str, str],
    also: Iterable[str] = (),
) -> list[Manifest]:
    """What a workload's pods need before they start: claims, ConfigMap, Secret.

    `secrets` has all of its app; `also` are names of those that its versions use.
    """
    made = [
        _make_claim(namespace, claim_name(service, name), volume)
        for name, volume in sorted(workload.volumes.items())
        if volume.size
    ]
    files = {
        _key(volume, file): text
        for volume, settings in sorted(workload.volumes.items())
        for file, text in sorted(settings.files.items())
    }
    if files:
        made.append(make_object("v1", "ConfigMap", namespace, service, data=files))
    if used := {*secrets_used(workload), *also}:
        data = {name: secrets[name] for name in sorted(used)}
        made.append(make_object("v1", "Secret", namespace, service, type="Opaque", stringData=data))
    return made


def make_volumes(service: str, workload: WorkloadSettings) -> list[Manifest]:
    """The pod's volumes, by name."""
    return [
        {"name": name, **_make_source(service, name, volume)}
        for name, volume in sorted(workload.volumes.items())
    ]


def make_mounts(workload: WorkloadSettings) -> list[Manifest]:
    """Where the container sees them; files are read-only."""
    mounts: list[Manifest] = []
    for name, volume in sorted(workload.volumes.items()):
        mount: Manifest = {"name": name, "mountPath": volume.mount}
        if volume.files or volume.secret_files:
            mount["readOnly"] = True
        mounts.append(mount)
    return mounts


def _make_source(service: str, name: str, volume: VolumeSettings) -> Manifest:
    if volume.size:
        return {"persistentVolumeClaim": {"claimName": claim_name(service, name)}}
    if volume.files:
        items = [{"key": _key(name, file), "path": file} for file in sorted(volume.files)]
        return {"configMap": {"name": service, "items": items}}
    if volume.secret_files:
        items = [{"key": key, "path": file} for file, key in sorted(volume.secret_files.items())]
        return {"secret": {"secretName": service, "items": items}}
    return {"emptyDir": {}}


def _key(volume: str, file: str) -> str:
    """Where a ConfigMap keeps a file: two volumes may hold files of one name."""
    return f"{volume}.{file}"


def _make_claim(namespace: str, name: str, volume: VolumeSettings) -> Manifest:
    spec: Manifest = {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": volume.size}},
    }
    if volume.storage_class:
        spec["storageClassName"] = volume.storage_class
    claim = make_object("v1", "PersistentVolumeClaim", namespace, name, spec=spec)
    # A class that binds on first use leaves the claim pending until its pod is there, which waits for the claim.
    claim["metadata"]["annotations"]["pulumi.com/skipAwait"] = "true"
    return claim
