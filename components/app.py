"""App: the services of one namespace, and those of their workloads that no release looks after."""

from collections.abc import Sequence
from typing import Any, TypedDict

import pulumi

from components.kubernetes_object import KubernetesObject
from components.workload import Workload, WorkloadArgs


class AppArgs(TypedDict):
    """What exists of an app besides its releases, as manifests."""

    namespace: dict[str, Any]
    objects: list[dict[str, Any]]
    """Services, service accounts and the like."""
    workloads: dict[str, WorkloadArgs]
    """By logical name; what runs without a release, in the order in which it starts."""
    after: dict[str, list[str]]
    """By logical name, or by service where a release has it: the workloads that are ready before it starts."""
    last: list[str]
    """Workloads that start when the releases that they wait for are through: `start_last`."""
    narrow: dict[str, dict[str, Any]]
    """By logical name of their workload: Services that select its version alone, written once its pods are ready."""
    routes: dict[str, dict[str, Any]]
    """By logical name; the gateway's routes to services without a release."""
    formerly: list[str]
    """URNs of releases that may have held these workloads and routes before."""


class App(pulumi.ComponentResource):
    """A namespace with its services; each has a Service and an account, and pods unless it is under release."""

    def __init__(
        self,
        name: str,
        args: AppArgs,
        opts: pulumi.ResourceOptions | None = None,
        kind: str = "mesh-canary:index:App",
    ) -> None:
        """Registers the namespace, then everything in it."""
        super().__init__(kind, name, {}, opts)
        # Named after itself: an app that gets another key in the stack file keeps its namespace.
        logical = f"{args['namespace']['metadata']['name']}-namespace"
        self.namespace = KubernetesObject(logical, args["namespace"], self._child([]))
        within = [self.namespace]
        self.objects = [
            KubernetesObject(_logical_name(m), m, self._child(within)) for m in args["objects"]
        ]
        self.args = args
        self.handed_over = [pulumi.Alias(parent=urn) for urn in args["formerly"]]
        self.started: dict[str, Workload] = {}
        for workload in args["workloads"]:
            if workload not in args["last"]:
                self._start(workload, [])
        for route, manifest in args["routes"].items():
            KubernetesObject(route, manifest, self._child(self.objects, self.handed_over))
        self.register_outputs({})

    @property
    def deployments(self) -> list[pulumi.CustomResource]:
        """What runs the pods that no release looks after."""
        return [workload.objects[0] for workload in self.started.values()]

    def needed_by(self, service: str) -> list[pulumi.Resource]:
        """What is there before `service`, or a workload of that logical name, starts."""
        earlier = self.args["after"].get(service, [])
        return [*self.objects, *(self.started[name] for name in earlier if name in self.started)]

    def start_last(self, releases: Sequence[pulumi.Resource]) -> None:
        """Registers the workloads that wait for a release, after `releases`."""
        for workload in self.args["last"]:
            self._start(workload, releases)

    def _start(self, workload: str, further: Sequence[pulumi.Resource]) -> None:
        needs = [*self.needed_by(workload), *further]
        opts = self._child(needs, self.handed_over)
        self.started[workload] = made = Workload(workload, self.args["workloads"][workload], opts)
        if service := self.args["narrow"].get(workload):
            opts = self._child([made], self.handed_over)
            KubernetesObject(_logical_name(service), service, opts)

    def _child(
        self, needs: Sequence[pulumi.Resource], aliases: Sequence[pulumi.Alias] = ()
    ) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, depends_on=list(needs), aliases=list(aliases))


def _logical_name(manifest: dict[str, Any]) -> str:
    metadata = manifest["metadata"]
    return f"{metadata['namespace']}-{metadata['name']}-{manifest['kind'].lower()}"
