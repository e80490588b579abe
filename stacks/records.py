"""Reads what the last finished `up` applied of each release: from Pulumi's state, where CanaryRelease left it."""

import time
from collections.abc import Mapping
from typing import Any

import pulumi

from components.canary_release import TYPE
from mesh_canary.release import Record
from mesh_canary.settings import Problem, StackSettings

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


def check_handed_over(settings: StackSettings, state: State) -> list[Problem]:
    """What `released_elsewhere` leaves to another stack does not run in this one any more.

    Left out of the program it would be deleted, and with it the version that carries the requests.
    """
    problems = []
    for name, app in settings.apps.items():
        for index, service in enumerate(app.released_elsewhere):
            mine = [urn for urn, r in state.items() if _is_pods_of(r, app.namespace, service)]
            rule = "runs in this stack; left out, it would be deleted"
            hint = (
                "let it go without touching it, then the other stack takes it over: "
                + "; ".join(f"pulumi state delete '{urn}'" for urn in mine)
            )
            key = f"apps.{name}.released_elsewhere[{index}]"
            problems += [Problem(key, service, rule, hint)] if mine else []
    return problems


def _is_pods_of(resource: Mapping[str, Any], namespace: str, service: str) -> bool:
    """Whether a resource of the state is a Deployment of `service`, by its labels."""
    metadata = resource["outputs"].get("metadata") or {}
    found = metadata.get("namespace"), (metadata.get("labels") or {}).get("app")
    return resource["type"].endswith(":Deployment") and found == (namespace, service)


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
