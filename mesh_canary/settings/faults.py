"""A fault that the stack file puts before a service, to see how its callers bear it: a wait, or an error as answer.

It is part of the routes and of nothing else: it goes with the first `up` whose stack file has it no more.
"""

from typing import Annotated

from pydantic import Field

from mesh_canary.settings.fields import (
    HeaderName,
    HeaderValue,
    Percent,
    Seconds,
    Settings,
    Switch,
)
from mesh_canary.settings.problems import Problem

FaultStatus = Annotated[int, Field(strict=True, ge=400, le=599)]
ALL_PERCENT = 100


class FaultSettings(Settings):
    """What happens to requests for one workload, and to whose."""

    delay_seconds: Seconds | None = None
    """How long a request waits before it goes on to the workload. No timeout of the route cuts the wait short."""
    abort_status: FaultStatus | None = None
    """The HTTP status that a request is answered with, 400 to 599; the workload never gets it."""
    percent: Percent
    """How many in a hundred of these requests; each is drawn anew."""
    headers: dict[HeaderName, HeaderValue] = Field(default_factory=dict)
    """Whose requests: those with all of these headers, and nobody else's."""
    everyone: Switch = False
    """Says that every request is meant; a fault has either this or headers."""

    def contradictions(self) -> list[Problem]:
        """A fault is one of two things, and is for somebody."""
        return [*_check_one_kind(self), *_check_for_somebody(self)]


def explain_fault(workload: str, fault: FaultSettings, *, hidden: bool = False) -> str:
    """What the fault does and to whom, in one sentence; `hidden` keeps the values of headers out of it."""
    values = {header: "[hidden]" if hidden else value for header, value in fault.headers.items()}
    marks = " and ".join(f"{header}: {value}" for header, value in values.items())
    whose = f"requests for {workload} with {marks}" if marks else f"all requests for {workload}"
    if fault.delay_seconds is not None:
        what = f"wait {fault.delay_seconds:g} s"
    else:
        what = f"are answered with {fault.abort_status}"
    share = "" if fault.percent == ALL_PERCENT else f"{fault.percent} % of "
    others = "" if fault.everyone else "; no other request meets it"
    text = f"{share}{whose} {what}{others}."
    return text[0].upper() + text[1:]


def _check_one_kind(fault: FaultSettings) -> list[Problem]:
    if (fault.delay_seconds is None) != (fault.abort_status is None):
        return []
    given = "neither" if fault.delay_seconds is None else "both"
    rule = f"a fault is a wait or an error: {given} of delay_seconds and abort_status is given"
    return [Problem("", "", rule, "set one of them: delay_seconds: 7, or abort_status: 500")]


def _check_for_somebody(fault: FaultSettings) -> list[Problem]:
    if bool(fault.headers) != fault.everyone:
        return []
    if fault.everyone:
        rule = "the fault has headers as well, so it is not for everyone"
        return [Problem("everyone", "true", rule, "keep one of the two")]
    rule = "nothing says whose requests are meant"
    hint = "set headers: {end-user: jason} for some users, or everyone: true for all"
    return [Problem("headers", "", rule, hint)]
