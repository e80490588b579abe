"""Access: who may call the workloads of an app."""

from typing import Any, TypedDict

import pulumi

from components.kubernetes_object import KubernetesObject


class AccessArgs(TypedDict):
    """One policy per workload that not everybody may call."""

    policies: list[dict[str, Any]]


class Access(pulumi.ComponentResource):
    """Policies that the workloads' own sidecars carry out. Costs nothing that runs."""

    def __init__(
        self, name: str, args: AccessArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Registers the policies."""
        super().__init__("mesh-canary:index:Access", name, {}, opts)
        for policy in args["policies"]:
            metadata = policy["metadata"]
            KubernetesObject(
                f"{metadata['namespace']}-{metadata['name']}-access",
                policy,
                pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({})
