"""No run takes a sidecar away while something in force asks for it: Pulumi deletes last, and pods go first.

In between, callers without an identity would get 403, and requests to pods that cannot speak TLS 503. Such a run is
refused, with the order in two runs.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from mesh_canary.settings import AppSettings, IstioSettings, Problem, StackSettings
from mesh_canary.settings.sidecars import has_sidecar
from stacks.records import State
from stacks.translation import account_of

POLICY, DESTINATION_RULE = ":AuthorizationPolicy", ":DestinationRule"


def check_identities(settings: StackSettings, state: State) -> list[Problem]:
    """No run takes a sidecar away while what asks for it is in force."""
    return [*_check_access(settings, state), *_check_mutual_tls(settings, state)]


def _check_access(settings: StackSettings, state: State) -> Iterator[Problem]:
    """A policy of the state that the stack file has no more, and whose callers or workload lose their sidecar now."""
    for policy in _of_type(state, POLICY):
        for name, app in _apps_in(settings, policy):
            workload = policy["metadata"]["name"]
            if workload in app.access:
                continue
            callers = [w for w in app.pod_names if account_of(app, w) in _accounts_in(policy)]
            losing = [w for w in (*callers, workload) if not _has_istios(settings, app, w)]
            if losing:
                rule = (
                    f"{' and '.join(dict.fromkeys(losing))} would lose the sidecar before access to {workload} is"
                    " free: its callers would get 403 in between"
                )
                hint = "leave the sidecars, take `access` out, `pulumi up`; then take the sidecars away"
                yield Problem(f"apps.{name}.access.{workload}", "", rule, hint)


def _check_mutual_tls(settings: StackSettings, state: State) -> Iterator[Problem]:
    """A service of the state that has to be spoken to by mutual TLS, and loses its sidecars now."""
    for rule_object in _of_type(state, DESTINATION_RULE):
        tls = rule_object.get("spec", {}).get("trafficPolicy", {}).get("tls", {})
        for name, app in _apps_in(settings, rule_object):
            service = rule_object["metadata"]["name"]
            asked = tls.get("mode") == "ISTIO_MUTUAL" and service in app.workload_names
            if asked and not _has_istios(settings, app, service):
                rule = (
                    f"{service} would lose its sidecars while its release asks for mutual TLS:"
                    " its requests would get 503 in between"
                )
                hint = "leave the sidecars, take `mutual_tls` out, `pulumi up`; then take the sidecars away"
                yield Problem(f"apps.{name}.sidecars", "", rule, hint)


def _has_istios(settings: StackSettings, app: AppSettings, workload: str) -> bool:
    """Whether pods have a sidecar of Istio: another mesh's knows nothing of Istio's policies."""
    return isinstance(settings.mesh, IstioSettings) and has_sidecar(settings.mesh, app, workload)


def _of_type(state: State, kind: str) -> Iterator[Mapping[str, Any]]:
    for resource in state.values():
        if resource["type"].endswith(kind) and resource["outputs"].get("metadata"):
            yield resource["outputs"]


def _apps_in(
    settings: StackSettings, found: Mapping[str, Any]
) -> Iterator[tuple[str, AppSettings]]:
    """The apps of the stack file in the namespace of an object that this stack sets up."""
    for name, app in settings.apps.items():
        if app.created and app.namespace == found["metadata"].get("namespace"):
            yield name, app


def _accounts_in(policy: Mapping[str, Any]) -> set[str]:
    """The service accounts that a policy of ours names."""
    return {
        principal.rpartition("/")[2]
        for rule in policy.get("spec", {}).get("rules", [])
        for source in rule.get("from", [])
        for principal in source["source"].get("principals", [])
    }
