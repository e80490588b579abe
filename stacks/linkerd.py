"""Linkerd, as the settings ask for it; the certificates that the state knows of decide what may follow."""

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pulumi

from components.app import App
from components.linkerd_mesh import TRUST_TYPE, TYPE, LinkerdMeshArgs, LinkerdTrust
from mesh_canary.release.trust import Trust, check_rotation
from mesh_canary.settings import LinkerdSettings, Problem, StackSettings
from mesh_canary.workloads.linkerd import (
    control_plane_values,
    crds_values,
    make_linkerd_namespace,
    make_viz_namespace,
)
from stacks.config import secret_keys
from stacks.records import State
from stacks.translation import chart_source, merge_values

if TYPE_CHECKING:
    from stacks.cluster import Cluster

WARN_DAYS = 60
"""How long before the issuer expires every run says so; `linkerd check` begins to warn at the same time."""


def check_trust(settings: StackSettings, state: State) -> list[Problem]:
    """The certificates follow those that pods have, so that none stops trusting another one.

    Pods have what the last finished `up` gave them, or what one gave them that has begun since and did not finish.
    """
    if not isinstance(settings.mesh, LinkerdSettings) or not settings.mesh.install:
        return []
    found = [_outputs(state, kind).get("trust") for kind in (TRUST_TYPE, TYPE)]
    after = Trust.of(settings.mesh)
    problems = [p for f in found if f for p in check_rotation(Trust.from_outputs(f), after)]
    return list(dict.fromkeys(problems))


def record_trust(settings: StackSettings, cluster: "Cluster", apps: Mapping[str, App]) -> None:
    """Keeps in the state what proxies trust, once every pod of the stack has it."""
    if isinstance(settings.mesh, LinkerdSettings) and settings.mesh.install:
        pods = [pod for app in apps.values() for pod in app.deployments]
        LinkerdTrust(Trust.of(settings.mesh), pods, cluster.options())


def explain_expiry(settings: StackSettings, state: State, now: datetime.datetime) -> str:
    """A warning from WARN_DAYS before the issuer expires; empty before that, and where it is renewed in this run."""
    found = _outputs(state, TYPE)
    if not isinstance(settings.mesh, LinkerdSettings) or "issuer_expires" not in found:
        return ""
    expires = datetime.datetime.fromisoformat(found["issuer_expires"])
    number = settings.mesh.issuer.number
    if expires - now > datetime.timedelta(days=WARN_DAYS) or number != found["issuer_number"]:
        return ""
    days = (expires - now).days
    when = f"expires in {days} days" if days >= 0 else "has expired"
    return f"Linkerd's issuer {when}, on {expires:%Y-%m-%d}: set mesh.issuer.number: {number + 1} and `pulumi up`"


def warn_of_expiry(settings: StackSettings, state: State) -> None:
    """Says at every run that a certificate is about to expire."""
    if text := explain_expiry(settings, state, datetime.datetime.now(datetime.UTC)):
        pulumi.log.warn(text)


def linkerd_args(mesh: LinkerdSettings) -> LinkerdMeshArgs:
    """What the component installs; the stack file's values win over ours."""
    trust = Trust.of(mesh)
    ours = control_plane_values(trust.mark, mesh.replicas)
    return {
        "source": chart_source(mesh),
        "namespace": make_linkerd_namespace(),
        "viz_namespace": make_viz_namespace() if mesh.viz else None,
        "crds_values": crds_values(gateway_api=mesh.install_gateway_api),
        "control_plane_values": _kept(merge_values(ours, mesh.control_plane_values)),
        "viz_values": _kept(mesh.viz_values),
        "trust": trust,
        "issuer_number": mesh.issuer.number,
        "issuer_days": mesh.issuer.days,
    }


def _kept(values: dict[str, Any]) -> pulumi.Input[dict[str, Any]]:
    """Encrypted in the state where the stack file has a secret below `mesh`; it does not say where."""
    return pulumi.Output.secret(values) if "mesh" in secret_keys() else values


def _outputs(state: State, kind: str) -> Any:
    """What a component said of itself last."""
    return next((r["outputs"] for r in state.values() if r["type"] == kind), {})
