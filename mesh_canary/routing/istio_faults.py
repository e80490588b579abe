"""Faults as rules of a VirtualService: rules of their own in front of all others, so that no other request meets one.

Each of them is one of the route's own rules, for requests with the fault's headers only: a request that is not drawn
for the fault, or has waited its time, goes on exactly as it would without. A proxy makes a fault before it routes: a
wait is cut short by no timeout of the route, and nothing is tried again after an abort; for the requests that are not
drawn the rule's timeout and retries hold as ever. Source: Envoy's fault filter stands before its router; Istio 1.31,
pilot/pkg/networking/core/route/route.go.
"""

from mesh_canary.routing.route import Manifest
from mesh_canary.settings import FaultSettings


def with_fault(rules: list[Manifest], fault: FaultSettings | None) -> list[Manifest]:
    """`rules` with the fault in front of them; with one that is for everyone, on each of them."""
    if fault is None:
        return rules
    made = make_fault(fault)
    if fault.everyone:
        return [{**rule, "fault": made} for rule in rules]
    narrowed = [(rule, _narrowed(rule, dict(fault.headers))) for rule in rules]
    faulty = [
        {**rule, "name": f"fault-{rule['name']}", "match": blocks, "fault": made}
        for rule, blocks in narrowed
        if blocks
    ]
    return [*faulty, *rules]


def make_fault(fault: FaultSettings) -> Manifest:
    """The percentage is always written: Istio takes 100 for one that is left out."""
    share = {"percentage": {"value": fault.percent}}
    if fault.delay_seconds is not None:
        return {"delay": {**share, "fixedDelay": f"{round(fault.delay_seconds * 1000)}ms"}}
    return {"abort": {**share, "httpStatus": fault.abort_status}}


def _narrowed(rule: Manifest, headers: dict[str, str]) -> list[Manifest]:
    """The match blocks of `rule`, each with all of `headers` besides; without those that no request can fulfil."""
    wanted = {header: {"exact": value} for header, value in headers.items()}
    blocks = []
    for block in rule.get("match", [{}]):
        present = block.get("headers", {})
        if all(present.get(header, match) == match for header, match in wanted.items()):
            blocks.append({**block, "headers": {**present, **wanted}})
    return blocks
