"""Reads what the last finished `up` applied of each release: from Pulumi's state, where CanaryRelease left it."""

from collections.abc import Mapping
from typing import Any

import pulumi

from components.canary_release import TYPE
from mesh_canary.release import Record

READ_STATE = "pulumi:pulumi:readStackResourceOutputs"
"""Built into the engine: the outputs of every resource of a stack, as last saved. Takes about 0.01 s."""


def read_records() -> dict[str, Record]:
    """The records of this stack by release name; of a new stack none.

    Raises pulumi.RunError where the state holds a record that cannot be read.
    """
    stack = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
    state = pulumi.runtime.invoke(READ_STATE, {"stackName": stack}).value
    return records_in(state["outputs"])


def records_in(resources: Mapping[str, Mapping[str, Any]]) -> dict[str, Record]:
    """The records among `resources` (URN to type and outputs)."""
    records = {}
    for urn, resource in resources.items():
        outputs = resource["outputs"].get("record") if resource["type"] == TYPE else None
        if outputs is None:
            continue  # another component, or a release whose first `up` never came to its end
        try:
            records[urn.rsplit("::", 1)[-1]] = Record.from_outputs(outputs)
        except (KeyError, ValueError, TypeError) as error:
            message = (
                f"the state's record of {urn} cannot be read ({error!r}); another version of mesh-canary wrote it"
                "\n  hint: run that version, or `pulumi state delete` the release and start it at dark"
            )
            raise pulumi.RunError(message) from None
    return records
