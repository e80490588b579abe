"""Where a walk takes place: what a check of a scenario looks at, and what it says of it.

A check is a small function over the scene. It looks, and returns a `Finding`; it changes nothing but
`notes`, in which it may leave something for a check of a later chapter.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import httpx

from demo.gateway_requests import look_at
from demo.inside import Inside
from demo.kube import Kube
from demo.pulumi_stack import Stack, run
from demo.service import Target
from demo.stack_file import StackFile
from local_cluster.api import Cluster

if TYPE_CHECKING:
    from demo.story import Story


@dataclass
class Scene:
    """The cluster, the stack on it, and how both are asked."""

    cluster: Cluster
    stack: Stack
    file: StackFile
    kube: Kube
    """The API server, as its administrator reads it."""
    changes: tuple[str, ...] = ()
    """The last preview, in lines."""
    preview: Mapping[str, Any] = field(default_factory=dict)
    """The last preview, as Pulumi's JSON has it."""
    notes: dict[str, Any] = field(default_factory=dict)
    """What one check leaves for a later one."""
    _inside: dict[str, Inside] = field(default_factory=dict)

    @classmethod
    def on(cls, cluster: Cluster, story: "Story") -> Self:
        """The scene of a story: its stack exists and is empty, its stack file is not written yet."""
        path = cluster.place.clone_dir / f"{story.stack}.yaml"
        stack = Stack(story.stack, cluster, path)
        file = StackFile(path, cluster.place.clone / story.template_path, stack.create())
        return cls(cluster, stack, file, Kube(cluster))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for inside in self._inside.values():
            inside.close()
        self.kube.close()

    def inside(self, namespace: str) -> Inside:
        """The pods of a namespace, and its client pod."""
        if namespace not in self._inside:
            self._inside[namespace] = Inside(self.cluster, namespace)
        return self._inside[namespace]

    def look_at(self, target: Target, user: str = "") -> httpx.Response:
        """One answer through the gateway, whatever its status; `user` logs in first. `elapsed` is its time."""
        return look_at(self.cluster.gateway_url, target, user)

    def run(self, *command: str) -> str:
        """What a command says that speaks to this cluster: istioctl, kubectl. Raises PulumiError where it fails."""
        return run(list(command), self.cluster.env, self.cluster.place.clone).output

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs."""
        return self.stack.outputs()


@dataclass(frozen=True)
class Finding:
    """What a check has seen."""

    said: str
    """One line with the figures."""
    complaints: tuple[str, ...] = ()
    """What is not as it has to be, in words; none when all is well."""


@dataclass(frozen=True)
class Check:
    """Something a chapter has to show besides shares: a few words for it, and who looks."""

    name: str
    look: Callable[[Scene], Finding]
    """Whatever it raises ends the walk: complaints are for what the program got wrong."""


def finding(said: str, **wrong: bool) -> Finding:
    """A finding whose complaints are the keywords that are true: `finding("3 pods", too_few=True)`."""
    return Finding(
        said, tuple(f"{key.replace('_', ' ')}: {said}" for key, is_so in wrong.items() if is_so)
    )
