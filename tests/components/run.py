"""What one run of the program registered, to be asked for by name, type and state."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mesh_canary.routing import names

RELEASE = "mesh-canary:index:CanaryRelease"
State = Mapping[str, Mapping[str, Any]]
"""URN to type and outputs, as the engine keeps them."""


@dataclass(frozen=True)
class Registered:
    """One resource as the program registered it, or read it (`read`)."""

    type: str
    name: str
    urn: str
    parent: str
    provider: str
    inputs: dict[str, Any]
    dependencies: frozenset[str] = frozenset()
    former_parents: frozenset[str] = frozenset()
    hooks: tuple[str, ...] = ()
    left_alone: tuple[str, ...] = ()
    """Properties whose changes the engine ignores."""
    custom: bool = True
    read: bool = False

    @property
    def is_object(self) -> bool:
        """Whether it is an object in the cluster, by a manifest or by a chart."""
        return self.type.startswith("kubernetes:")


def as_held(value: Any) -> Any:
    """A manifest as the cluster holds it: whole numbers, which are floats on their way to the engine, are whole."""
    match value:
        case dict():
            return {key: as_held(below) for key, below in value.items()}
        case list():
            return [as_held(below) for below in value]
        case float() if value.is_integer():
            return int(value)
    return value


@dataclass
class Run:
    """Everything that one run of the program did."""

    resources: list[Registered] = field(default_factory=list)
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By URN of a component."""
    exports: dict[str, Any] = field(default_factory=dict)
    hooks: dict[str, Any] = field(default_factory=dict)
    """Function by name."""
    missing: dict[str, int] = field(default_factory=dict)
    """Pods that are not ready, by the name of their Deployment."""
    strangers: list[dict[str, Any]] = field(default_factory=list)
    """Deployments that somebody else made in the cluster."""
    done: list[str] = field(default_factory=list)
    """URNs in the order in which they were finished; a component again when its outputs are there."""

    def __getitem__(self, name: str) -> Registered:
        """The one resource of a logical name that is an object or a component."""
        (found,) = [resource for resource in self.resources if resource.name == name]
        return found

    def of_type(self, kind: str) -> list[Registered]:
        """The resources of a type, by the end of its token: Deployment."""
        return [r for r in self.resources if r.type.rpartition(":")[2] == kind]

    def objects(self, kind: str, namespace: str) -> list[dict[str, Any]]:
        """The objects of a kind as the cluster holds them then."""
        made = [as_held(resource.inputs) for resource in self.of_type(kind)]
        return [m for m in made if m["metadata"]["namespace"] == namespace]

    def deployments(self, namespace: str) -> list[dict[str, Any]]:
        """Those with a label of ours as the cluster holds them then, with the pods that are ready."""
        return [
            {**made, "status": {"readyReplicas": wanted - self.missing.get(metadata["name"], 0)}}
            for made in self.objects("Deployment", namespace)
            if names.MANAGED_BY.items() <= (metadata := made["metadata"])["labels"].items()
            and (wanted := made["spec"].get("replicas", 1)) is not None
        ]

    def strangers_in(self, namespace: str) -> list[dict[str, Any]]:
        """Those of them in a namespace."""
        return [m for m in self.strangers if m["metadata"]["namespace"] == namespace]

    @property
    def state(self) -> State:
        """What the engine keeps when the run has come to its end; an object's outputs are its inputs."""
        return {
            r.urn: {
                "type": r.type,
                "outputs": r.inputs if r.custom else self.outputs.get(r.urn, {}),
            }
            for r in self.resources
        }
