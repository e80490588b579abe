"""Says which faults the stack file has: in every preview, and in the stack's outputs while they are in force."""

import pulumi

from mesh_canary.settings import StackSettings
from mesh_canary.settings.faults import explain_fault
from stacks.config import secret_keys


def tell_faults(settings: StackSettings) -> dict[str, str]:
    """Every fault in a sentence, by app and workload; a preview says them too, so that none is forgotten."""
    hidden = "apps" in secret_keys()
    faults = {
        f"{name}.{workload}": explain_fault(workload, fault, hidden=hidden)
        for name, app in settings.apps.items()
        if app.enabled
        for workload, fault in app.faults.items()
    }
    if pulumi.runtime.is_dry_run():
        for key, said in faults.items():
            app, workload = key.split(".")
            pulumi.log.warn(f"apps.{app}.faults.{workload}: {said}")
    return faults
