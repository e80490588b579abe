"""LoadTest: a generator that asks pages for a bounded time."""

from typing import Any, TypedDict

import pulumi

from components.kubernetes_object import KubernetesObject


class LoadTestArgs(TypedDict):
    """The Job, and what the stack's outputs say of it."""

    job: dict[str, Any]
    described: dict[str, Any]


class LoadTest(pulumi.ComponentResource):
    """A Job that has begun. It ends by itself at its deadline, and with this component.

    A Job never changes: whatever is edited of it, Pulumi ends it and begins a new one.
    """

    def __init__(
        self, name: str, args: LoadTestArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Registers the Job."""
        super().__init__("mesh-canary:index:LoadTest", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self, delete_before_replace=True)
        namespace = args["job"]["metadata"]["namespace"]
        self.job = KubernetesObject(f"{namespace}-load-test-{name}", args["job"], child)
        described = args["described"]
        # Of the Job's last write: a run that fails must not tell of a load that never began.
        self.described: pulumi.Output[dict[str, Any]] = self.job.metadata.apply(lambda _: described)
        self.register_outputs({})
