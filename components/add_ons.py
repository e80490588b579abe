"""AddOns: what watches the mesh, in a namespace of its own, with a host on the gateway for each that is exposed."""

from collections.abc import Sequence
from typing import Any, TypedDict

import pulumi

from components.kubernetes_object import KubernetesObject

READY_SECONDS = 300
TYPE = "mesh-canary:index:AddOns"


class AddOnArgs(TypedDict):
    """One add-on as manifests."""

    objects: list[dict[str, Any]]
    """In the order in which they are made; the last one runs."""
    routes: list[dict[str, Any]]
    """What leads to it from outside: none for one that is not exposed."""


class AddOnsArgs(TypedDict):
    """The namespace, the add-ons by name, and what the mesh is told because of them."""

    namespace: dict[str, Any]
    addons: dict[str, AddOnArgs]
    mesh_objects: list[dict[str, Any]]
    reach: dict[str, str]
    """How each add-on is reached, in words for the stack's outputs."""


class AddOns(pulumi.ComponentResource):
    """Every add-on runs and is ready; those with routes answer at the gateway. Costs one pod each."""

    def __init__(
        self, name: str, args: AddOnsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Registers the namespace, then each add-on beside the others: objects, what runs, routes."""
        super().__init__(TYPE, name, {}, opts)
        logical = f"{args['namespace']['metadata']['name']}-namespace"
        namespace = KubernetesObject(logical, args["namespace"], self._child([]))
        running = []
        for addon in args["addons"].values():
            *needs, deployment = addon["objects"]
            objects = [self._make(manifest, [namespace]) for manifest in needs]
            running.append(self._make(deployment, objects))
            for route in addon["routes"]:
                self._make(route, running[-1:])
        for manifest in args["mesh_objects"]:
            self._make(manifest, running)
        self.reach = args["reach"]
        self.register_outputs({})

    def _make(self, manifest: dict[str, Any], needs: Sequence[pulumi.Resource]) -> KubernetesObject:
        metadata = manifest["metadata"]
        parts = (metadata.get("namespace"), metadata["name"], manifest["kind"].lower())
        return KubernetesObject("-".join(filter(None, parts)), manifest, self._child(needs))

    def _child(self, needs: Sequence[pulumi.Resource]) -> pulumi.ResourceOptions:
        ready = f"{READY_SECONDS}s"
        timeouts = pulumi.CustomTimeouts(create=ready, update=ready)
        return pulumi.ResourceOptions(parent=self, depends_on=list(needs), custom_timeouts=timeouts)
