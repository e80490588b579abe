"""Reads what the last finished `up` applied of each release: from Pulumi's state, where CanaryRelease left it."""

import time
from collections.abc import Mapping
from typing import Any

import pulumi

from components.canary_release import TYPE
from mesh_canary.release import Record

READ_STATE = "pulumi:pulumi:readStackResourceOutputs"
"""Built into the engine: the outputs of every resource of a stack, as last saved. Takes about 0.01 s."""
HALF_WRITTEN = "failed to load checkpoint"
PATIENCE_SECONDS = 2.0

State = Mapping[str, Mapping[str, Any]]
"""URN to type and outputs."""


def read_state() -> State:
    """Every resource of this stack as last saved; of a new stack none.

    The engine may be saving it at this very moment, and a file backend writes in place: what cannot be read is read
    again, for up to PATIENCE_SECONDS in all.
    """
    stack = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
    last_try = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            answer = pulumi.runtime.invoke(READ_STATE, {"stackName": stack})
        except Exception as error:
            if HALF_WRITTEN not in str(error) or time.monotonic() > last_try:
                raise
            time.sleep(0.05)
        else:
            outputs: State = answer.value["outputs"]
            return outputs


def namespaces_in(resources: State) -> frozenset[str]:
    """The names of the namespaces among `resources`."""
    found = [r["outputs"].get("metadata") or {} for r in resources.values() if _is_namespace(r)]
    return frozenset(str(metadata.get("name")) for metadata in found)


def _is_namespace(resource: Mapping[str, Any]) -> bool:
    return str(resource["type"]).endswith(":Namespace")


def records_in(resources: State) -> dict[str, Record]:
    """The records among `resources`, by release name.

    Raises pulumi.RunError for one that cannot be read.
    """
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
