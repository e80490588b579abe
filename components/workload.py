"""Workload: one version of one service, running."""

from typing import Any, TypedDict

import pulumi

from components.kubernetes_object import KubernetesObject

ROLES = {
    "Deployment": "deployment",
    "PodDisruptionBudget": "budget",
    "HorizontalPodAutoscaler": "autoscaler",
}


class WorkloadArgs(TypedDict):
    """The Deployment first, then what belongs to it."""

    manifests: list[dict[str, Any]]
    ready_seconds: int
    """How long the pods may take to be ready, before an `up` fails."""


class Workload(pulumi.ComponentResource):
    """A Deployment whose pods are ready, with its disruption budget and autoscaler where it has them.

    Costs its pods. The Deployment is never replaced: its selector is made of labels that never
    change.
    """

    def __init__(
        self, name: str, args: WorkloadArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Registers the objects; a Deployment is done when its pods are ready."""
        super().__init__("mesh-canary:index:Workload", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self, custom_timeouts=timeouts(args))
        self.objects = [
            KubernetesObject(f"{name}-{ROLES[manifest['kind']]}", manifest, child)
            for manifest in args["manifests"]
        ]
        self.register_outputs({})


def timeouts(args: WorkloadArgs) -> pulumi.CustomTimeouts:
    """Ready within `ready_seconds`; gone within the pods' own grace period and a minute.

    Not the provider's annotation `pulumi.com/timeoutSeconds`: that one bounds deletion as well.
    """
    ready = f"{args['ready_seconds']}s"
    grace = args["manifests"][0]["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]
    return pulumi.CustomTimeouts(create=ready, update=ready, delete=f"{grace + 60}s")
