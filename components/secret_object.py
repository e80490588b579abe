"""A Secret whose content stays encrypted in Pulumi's state, and is hidden in every diff."""

from collections.abc import Mapping
from typing import Any

import pulumi

from components.kubernetes_object import KubernetesObject

CONTENT = ("data", "stringData")


class SecretObject(KubernetesObject):
    """A Secret as its manifest says, every value of it a secret of Pulumi's."""

    def __init__(
        self, name: str, manifest: Mapping[str, Any], opts: pulumi.ResourceOptions
    ) -> None:
        """Registers the Secret under the logical `name`."""
        hidden = {key: pulumi.Output.secret(manifest[key]) for key in CONTENT if key in manifest}
        outputs = pulumi.ResourceOptions(additional_secret_outputs=[*CONTENT])
        super().__init__(name, {**manifest, **hidden}, pulumi.ResourceOptions.merge(opts, outputs))
