"""Workload: one version of one service, running."""

from copy import deepcopy
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
    secret_env: bool
    """Whether the values of environment variables are secrets, to be encrypted in Pulumi's state."""


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
        child = pulumi.ResourceOptions(
            parent=self, custom_timeouts=timeouts(args), ignore_changes=left_alone(args)
        )
        self.objects = [
            KubernetesObject(f"{name}-{ROLES[manifest['kind']]}", manifest, child)
            for manifest in (with_secret_env(args) if args["secret_env"] else args["manifests"])
        ]
        self.register_outputs({})


def timeouts(args: WorkloadArgs) -> pulumi.CustomTimeouts:
    """Ready within `ready_seconds`; gone within the pods' own grace period and a minute.

    Not the provider's annotation `pulumi.com/timeoutSeconds`: that one bounds deletion as well.
    """
    ready = f"{args['ready_seconds']}s"
    grace = args["manifests"][0]["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]
    return pulumi.CustomTimeouts(create=ready, update=ready, delete=f"{grace + 60}s")


def left_alone(args: WorkloadArgs) -> list[str]:
    """Replicas, where an autoscaler sets them: to stop saying a number would set it to 1 for a moment."""
    scaled = any(m["kind"] == "HorizontalPodAutoscaler" for m in args["manifests"])
    return ["spec.replicas"] if scaled else []


def with_secret_env(args: WorkloadArgs) -> list[dict[str, Any]]:
    """The manifests, with every value of an environment variable made a secret of Pulumi's."""
    manifests = deepcopy(args["manifests"])
    for container in manifests[0]["spec"]["template"]["spec"]["containers"]:
        for variable in container.get("env", []):
            if "value" in variable:
                variable["value"] = pulumi.Output.secret(variable["value"])
    return manifests
