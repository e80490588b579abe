"""Sidecars as the stack file asks for them, said in the way that each namespace of the state has."""

from copy import deepcopy

from components.workload import WorkloadArgs
from mesh_canary.routing.route import Manifest
from mesh_canary.settings import AppSettings, StackSettings
from mesh_canary.workloads.sidecars import (
    Marking,
    annotations_of,
    make_app_namespace,
    mark_of,
    marking_of,
    opaque_ports,
)
from stacks.records import State
from stacks.without_mesh import Joining


class Injection:
    """What namespaces and pods of the stack carry for their sidecars."""

    def __init__(self, settings: StackSettings, state: State) -> None:
        """Looks up how the namespaces of `state` say which pods have a sidecar."""
        self.mesh = settings.mesh
        self.joining = Joining(settings, state)
        self._markings = {
            str(metadata.get("name")): marking_of(metadata)
            for resource in state.values()
            if resource["type"].endswith(":Namespace")
            and (metadata := resource["outputs"].get("metadata"))
        }

    def namespace_of(self, app: AppSettings) -> Manifest:
        """The namespace of an app that this stack sets up."""
        return make_app_namespace(self.mesh, app, self._marking(app))

    def marked(self, app: AppSettings, workload: str, args: WorkloadArgs) -> WorkloadArgs:
        """`args` with what the pods need for their sidecar, if anything; what an operator says of a workload wins."""
        mark = mark_of(self.mesh, app, workload, self._marking(app))
        annotations = annotations_of(self.mesh, app, workload)
        if not mark and not annotations:
            return args
        deployment = deepcopy(args["manifests"][0])
        template = deployment["spec"]["template"]
        metadata = template["metadata"]
        metadata["labels"] = {**mark, **metadata["labels"]}
        if annotations:
            ports = [port for c in template["spec"]["containers"] for port in c.get("ports", ())]
            annotations = {**annotations, **opaque_ports(ports)}
            metadata["annotations"] = {**annotations, **metadata.get("annotations", {})}
        return {**args, "manifests": [deployment, *args["manifests"][1:]]}

    def told(self, app: AppSettings, workload: str, service: Manifest) -> Manifest:
        """`service` with what Linkerd's proxies of callers have to know of it, where its pods have one."""
        if not annotations_of(self.mesh, app, workload):
            return service
        metadata = service["metadata"]
        annotations = {**metadata["annotations"], **opaque_ports(service["spec"]["ports"])}
        return {**service, "metadata": {**metadata, "annotations": annotations}}

    def _marking(self, app: AppSettings) -> Marking:
        if not app.install:
            return Marking.ELSEWHERE
        return self._markings.get(app.namespace, Marking.WITH)
