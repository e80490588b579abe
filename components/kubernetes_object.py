"""Any Kubernetes object from its manifest, without the generated classes of pulumi_kubernetes.

What the golden files show is what is applied, and a program that never imports
`pulumi_kubernetes.core` starts half a second sooner. The provider does the rest as usual: it knows
the kind by the type token `kubernetes:<group or core>/<version>:<Kind>` (Source: pulumi-kubernetes
4.25, provider/pkg/gen).
"""

from collections.abc import Mapping
from typing import Any

import pulumi

PROVIDER_VERSION = "4.25.0"


class KubernetesObject(pulumi.CustomResource):
    """One object as its manifest says; `status` is what the cluster answered."""

    metadata: pulumi.Output[Any]
    status: pulumi.Output[Any]

    def __init__(
        self, name: str, manifest: Mapping[str, Any], opts: pulumi.ResourceOptions
    ) -> None:
        """Registers the object under the logical `name`."""
        version = pulumi.ResourceOptions(version=PROVIDER_VERSION)
        token = type_token(manifest["apiVersion"], manifest["kind"])
        props = {"status": None, **hidden(manifest)}
        super().__init__(token, name, props, pulumi.ResourceOptions.merge(opts, version))


def hidden(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """`manifest`; what a Secret holds is a secret of Pulumi's, encrypted in the state and shown nowhere."""
    if manifest["kind"] != "Secret":
        return dict(manifest)
    held = {key: manifest[key] for key in ("data", "stringData") if key in manifest}
    return {**manifest, **{key: pulumi.Output.secret(value) for key, value in held.items()}}


class ExistingObject(pulumi.CustomResource):
    """An object that something else made, read and never changed; `opts.id` is namespace/name.

    It has no inputs: given an API version and kind, the provider takes them for all there is and reads nothing.
    """

    metadata: pulumi.Output[Any]
    status: pulumi.Output[Any]

    def __init__(
        self, name: str, api_version: str, kind: str, opts: pulumi.ResourceOptions
    ) -> None:
        """Reads the object under the logical `name`."""
        version = pulumi.ResourceOptions(version=PROVIDER_VERSION)
        props = {"metadata": None, "status": None}
        opts = pulumi.ResourceOptions.merge(opts, version)
        super().__init__(type_token(api_version, kind), name, props, opts)


def type_token(api_version: str, kind: str) -> str:
    """apps/v1, Deployment: kubernetes:apps/v1:Deployment. v1, Service: kubernetes:core/v1:Service."""
    group_version = api_version if "/" in api_version else f"core/{api_version}"
    return f"kubernetes:{group_version}:{kind}"
