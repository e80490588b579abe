"""Istio: one DestinationRule and one VirtualService per service, and a second one where a gateway exposes it.

How Istio treats what we ask of it (1.31; Source: pkg/config/validation and the VirtualService
reference): weights are relative to their sum, so 100 is our rule; a destination with weight 0 is
dropped, so we leave it out; rules are tried in order, first match wins. Mirroring is fire and
forget; an omitted percentage means 100, so we always write it. Without a retry policy of its own a
request is tried twice more on connect failures. A VirtualService bound to a gateway ignores the one
of the mesh: what the gateway exposes carries the split itself.
"""

from collections.abc import Mapping
from types import MappingProxyType

from mesh_canary.release.traffic import TrafficSplit
from mesh_canary.routing import names
from mesh_canary.routing.istio_faults import with_fault
from mesh_canary.routing.istio_live import LIVE, make_note
from mesh_canary.routing.route import Exposure, Manifest, Route

DESTINATION_RULE = ("networking.istio.io/v1", "DestinationRule")
VIRTUAL_SERVICE = ("networking.istio.io/v1", "VirtualService")


def make_destination_rule(route: Route, versions: tuple[str, ...]) -> Manifest:
    """One subset per version, by the label `version`; sorted, so that order never makes a difference."""
    subsets = [{"name": names.subset_name(v), "labels": {"version": v}} for v in sorted(versions)]
    spec: Manifest = {"host": names.host_of(route.service, route.namespace), "subsets": subsets}
    if route.mutual_tls:
        spec["trafficPolicy"] = {"tls": {"mode": "ISTIO_MUTUAL"}}
    return _object(DESTINATION_RULE, route, route.service, spec)


def make_subsets(route: Route, versions: tuple[str, ...]) -> tuple[Manifest, ...]:
    """What tells the versions of a service apart."""
    return (make_destination_rule(route, versions),)


def make_virtual_services(route: Route, split: TrafficSplit) -> tuple[Manifest, ...]:
    """The route within the mesh, and the one behind the gateway where the service is exposed."""
    rules = [*_tester_rules(route, split), *_mirror_rules(route, split), _rule(route, split, LIVE)]
    rules = with_fault(rules, route.fault)
    inside = {"hosts": [names.host_of(route.service, route.namespace)], "http": rules}
    manifests = [_object(VIRTUAL_SERVICE, route, route.service, inside, make_note(split, rules))]
    if route.exposure:
        outside = make_gateway_spec(route.exposure, rules)
        name = names.gateway_route_name(route.service)
        note = make_note(split, outside["http"])
        manifests.append(_object(VIRTUAL_SERVICE, route, name, outside, note))
    return tuple(manifests)


def make_exposure(route: Route) -> Manifest:
    """The gateway's route to a service that is not under release: every request to whatever the Service selects."""
    if route.exposure is None:
        message = f"{route.service} is not exposed"
        raise ValueError(message)
    spec = make_gateway_spec(route.exposure, _rules_for_any_version(route))
    return _object(VIRTUAL_SERVICE, route, names.gateway_route_name(route.service), spec)


def make_service_route(route: Route) -> Manifest:
    """The route within the mesh to a service that is not under release, which needs one for its fault alone."""
    hosts = [names.host_of(route.service, route.namespace)]
    spec = {"hosts": hosts, "http": _rules_for_any_version(route)}
    return _object(VIRTUAL_SERVICE, route, route.service, spec)


def _rules_for_any_version(route: Route) -> list[Manifest]:
    """Every request to whatever the Service selects, but for the route's fault."""
    host = names.host_of(route.service, route.namespace)
    destination = {"host": host, "port": {"number": route.port}}
    return with_fault([{"name": LIVE, "route": [{"destination": destination}]}], route.fault)


def make_gateway_spec(exposure: Exposure, rules: list[Manifest]) -> Manifest:
    """`rules` for requests from outside: the same, for the exposed hosts and paths only."""
    prefixes = [{"uri": {"prefix": path}} for path in exposure.paths if path != "/"]
    http = [
        {
            **rule,
            "match": [
                {**block, **prefix} for block in rule.get("match", [{}]) for prefix in prefixes
            ],
        }
        if prefixes
        else rule
        for rule in rules
    ]
    return {"hosts": list(exposure.hosts), "gateways": [exposure.gateway], "http": http}


def _tester_rules(route: Route, split: TrafficSplit) -> list[Manifest]:
    if split.tester_version is None:
        return []
    match = [{"headers": {header: {"exact": value}}} for header, value in split.testers]
    destinations = ((split.tester_version, 100),)
    return [
        {
            "name": "testers",
            "match": match,
            **_policy(route),
            "route": _destinations(route, destinations),
        }
    ]


def _mirror_rules(route: Route, split: TrafficSplit) -> list[Manifest]:
    if split.mirror is None:
        return []
    match = [{"method": {"exact": method}} for method in split.mirror.methods]
    copies = {
        "mirror": _destination(route, split.mirror.version),
        "mirrorPercentage": {"value": split.mirror.percent},
    }
    return [{**_rule(route, split, "mirrored"), "match": match, **copies}]


def _rule(route: Route, split: TrafficSplit, name: str) -> Manifest:
    return {"name": name, **_policy(route), "route": _destinations(route, split.weights)}


def _destinations(route: Route, weights: tuple[tuple[str, int], ...]) -> list[Manifest]:
    return [
        {"destination": _destination(route, version), "weight": weight}
        for version, weight in weights
    ]


def _destination(route: Route, version: str) -> Manifest:
    host = names.host_of(route.service, route.namespace)
    return {"host": host, "subset": names.subset_name(version), "port": {"number": route.port}}


def _policy(route: Route) -> Manifest:
    """The operator's timeout and retries, as they stand in the stack file."""
    policy: Manifest = {}
    if route.timeout_seconds is not None:
        policy["timeout"] = _duration(route.timeout_seconds)
    if retries := route.retries:
        policy["retries"] = {"attempts": retries.attempts}
        if retries.per_try_timeout_seconds is not None:
            policy["retries"]["perTryTimeout"] = _duration(retries.per_try_timeout_seconds)
        if retries.retry_on:
            policy["retries"]["retryOn"] = retries.retry_on
    return policy


def _duration(seconds: float) -> str:
    """0.5 is 500ms: Istio takes no fractions of its units' names."""
    return f"{round(seconds * 1000)}ms"


def _object(
    kind: tuple[str, str],
    route: Route,
    name: str,
    spec: Manifest,
    note: Mapping[str, str] = MappingProxyType({}),
) -> Manifest:
    metadata: Manifest = {
        "name": name,
        "namespace": route.namespace,
        "labels": {**names.MANAGED_BY},
        "annotations": {**names.TAKE_OVER, **note},
    }
    return {"apiVersion": kind[0], "kind": kind[1], "metadata": metadata, "spec": spec}
