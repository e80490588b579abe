"""Restarts the pods that use a secret or a file when it changes, and no others."""

from copy import deepcopy

from components.workload import WorkloadArgs
from mesh_canary.settings import StackSettings, WorkloadSettings
from mesh_canary.workloads.pitstop_secrets import made_of
from mesh_canary.workloads.rotation import revisions_of


def noted_revisions(
    settings: StackSettings, app_name: str, workload: WorkloadSettings, args: WorkloadArgs
) -> WorkloadArgs:
    """`args` with a note on the pods of the secrets and files that they start with, if any."""
    given = settings.secrets_of(app_name)
    if settings.apps[app_name].kind == "pitstop":
        given = {
            **{name: given[base] for name, base in made_of().items() if base in given},
            **given,
        }
    notes = revisions_of(workload, given)
    if not notes:
        return args
    deployment = deepcopy(args["manifests"][0])
    metadata = deployment["spec"]["template"]["metadata"]
    metadata["annotations"] = {**metadata.get("annotations", {}), **notes}
    return {**args, "manifests": [deployment, *args["manifests"][1:]]}
