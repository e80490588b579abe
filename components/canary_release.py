"""CanaryRelease: applies one ReleasePlan, step by step in the plan's own order. Decides nothing.

Its outputs in Pulumi's state are the record of the stage that was last applied to its end: they are registered when
every write is done, before Pulumi removes what goes; a run that fails or is killed leaves the former ones. For that the
component has no inputs: with changed inputs the engine would forget the outputs when a run begins (Pulumi 3.259,
measured).
"""

from collections.abc import Sequence
from typing import Any, TypedDict, assert_never

import pulumi

from components.kubernetes_object import KubernetesObject
from components.proxies import heard_by_proxies
from components.workload import Workload, WorkloadArgs
from mesh_canary.release import Action, ReleasePlan, Step
from mesh_canary.routing import names

TYPE = "mesh-canary:index:CanaryRelease"


class CanaryReleaseArgs(TypedDict):
    """A plan, and the manifests that carry it out."""

    plan: ReleasePlan
    workloads: dict[str, WorkloadArgs]
    """By version."""
    subsets: list[dict[str, Any]]
    """What tells the versions apart; none where their Deployments do."""
    routes: list[dict[str, Any]]
    """The one within the mesh first."""
    service: dict[str, Any] | None
    """The Service, where the plan writes it."""
    description: dict[str, Any]
    """What the stack's outputs say once every step is done."""
    formerly: list[str]
    """URNs of apps that may have held the workloads and the gateway's route before."""


class CanaryRelease(pulumi.ComponentResource):
    """Two versions of a service, of which requests go where the plan says. Costs the canary's pods."""

    def __init__(
        self, name: str, args: CanaryReleaseArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Registers every step of the plan, each after the one before it."""
        super().__init__(TYPE, name, {}, opts)
        self.args = args
        self.heard = pulumi.ResourceOptions(hooks=heard_by_proxies(name))
        plan = args["plan"]
        done: list[pulumi.Resource] = []
        applied: list[pulumi.Resource] = []
        for step, following in zip(plan.order, [*plan.order[1:], None], strict=True):
            waits = following is not None and following.action is Action.WAIT_FOR_PROXIES
            if made := self._apply(step, done, waits=waits):
                done = made
                applied += made
        finished = pulumi.Output.all(*_ids(applied))
        self.record = finished.apply(lambda _: plan.record.as_outputs())
        self.described = finished.apply(lambda _: args["description"])
        self.register_outputs({"record": self.record})

    def _apply(
        self, step: Step, after: Sequence[pulumi.Resource], *, waits: bool
    ) -> list[pulumi.Resource]:
        """The resources that one step writes; none for a wait, which the write before it does, or a removal."""
        release = self.args["plan"].release
        prefix = f"{release.namespace}-{release.service}"
        opts = pulumi.ResourceOptions(
            parent=self,
            depends_on=list(after),
            aliases=[pulumi.Alias(parent=urn) for urn in self.args["formerly"]],
        )
        write = pulumi.ResourceOptions.merge(opts, self.heard) if waits else opts
        match step.action:
            case Action.APPLY_WORKLOAD:
                name = names.workload_name(release.namespace, release.service, step.version)
                return [Workload(name, self.args["workloads"][step.version], opts)]
            case Action.APPLY_SUBSETS:
                return [
                    KubernetesObject(f"{prefix}-subsets", subsets, write)
                    for subsets in self.args["subsets"]
                ]
            case Action.APPLY_ROUTE:
                suffixes = ("route", "gateway-route")
                pairs = zip(suffixes, self.args["routes"], strict=False)
                return [
                    KubernetesObject(f"{prefix}-{suffix}", route, write) for suffix, route in pairs
                ]
            case Action.WIDEN_SELECTOR | Action.NARROW_SELECTOR:
                name = names.service_logical_name(release.namespace, release.service)
                return [KubernetesObject(name, self.args["service"] or {}, write)]
            case Action.WAIT_FOR_PROXIES | Action.REMOVE_WORKLOAD:
                return []  # Pulumi removes what the program no longer registers, after everything else
        assert_never(step.action)


def _ids(resources: Sequence[pulumi.Resource]) -> list[pulumi.Output[str]]:
    """Ids are known once an object is written: those of the objects, and of the objects inside workloads."""
    written = [r.objects if isinstance(r, Workload) else [r] for r in resources]
    return [
        child.id
        for children in written
        for child in children
        if isinstance(child, pulumi.CustomResource)
    ]
