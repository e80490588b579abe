"""Certificates that are made once and kept in Pulumi's state, their keys encrypted: Linkerd's trust anchor and issuer.

Dynamic resources: the engine asks for one when it creates the resource, and never again until its inputs change. So
no preview and no second run makes another certificate. The state names the providers by module and class: renamed,
an old state could not be destroyed (Source: pulumi 3.259, dill pickles what can be imported by its name).
"""

import datetime
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider

ANCHOR_DAYS = 3650
"""Ten years: to replace an anchor takes three runs and restarts every pod with a proxy."""


class _MadeOnce(ResourceProvider):
    """Another value of an input is another certificate, made before the old one is forgotten."""

    serialize_as_secret_always = False  # it is a name, and seen in a diff
    made_from: tuple[str, ...] = ()

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        changed = [key for key in self.made_from if _olds.get(key) != _news.get(key)]
        return DiffResult(changes=bool(changed), replaces=changed)


class TrustAnchorProvider(_MadeOnce):
    """Makes a self-signed authority."""

    made_from = ("subject",)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """A new key and certificate."""
        from components import x509

        made = x509.make_authority(props["subject"], datetime.timedelta(days=ANCHOR_DAYS))
        return CreateResult(made.serial, {**props, **made.outputs})


class IssuerProvider(_MadeOnce):
    """Makes an authority that an anchor signs."""

    made_from = ("subject", "anchor", "number")

    def create(self, props: dict[str, Any]) -> CreateResult:
        """A new key, and a certificate that the anchor's key signs."""
        from components import x509

        made = x509.make_issuer(
            props["subject"],
            datetime.timedelta(days=props["days"]),
            props["anchor"],
            props["anchor_key"],
        )
        return CreateResult(made.serial, {**props, **made.outputs})


class _Certificate(Resource, module="mesh-canary", name="Certificate"):
    """PEM texts; `expires` is an ISO date and time."""

    certificate: pulumi.Output[str]
    key: pulumi.Output[str]
    expires: pulumi.Output[str]

    def __init__(
        self,
        provider: ResourceProvider,
        name: str,
        inputs: dict[str, Any],
        opts: pulumi.ResourceOptions,
    ) -> None:
        secret = pulumi.ResourceOptions(additional_secret_outputs=["key", "anchor_key"])
        outputs = {"certificate": None, "key": None, "expires": None}
        super().__init__(
            provider, name, {**inputs, **outputs}, pulumi.ResourceOptions.merge(opts, secret)
        )


class TrustAnchor(_Certificate, module="mesh-canary", name="TrustAnchor"):
    """A certificate that everybody trusts, valid for ANCHOR_DAYS. Its key leaves the state for an Issuer only."""

    def __init__(self, name: str, subject: str, opts: pulumi.ResourceOptions) -> None:
        super().__init__(TrustAnchorProvider(), name, {"subject": subject}, opts)


class Issuer(_Certificate, module="mesh-canary", name="Issuer"):
    """A certificate that signs others. Another `number` or anchor makes a new one; `days` count when it is made."""

    def __init__(
        self,
        name: str,
        subject: str,
        anchor: TrustAnchor,
        opts: pulumi.ResourceOptions,
        *,
        number: int,
        days: int,
    ) -> None:
        inputs = {
            "subject": subject,
            "anchor": anchor.certificate,
            "anchor_key": anchor.key,
            "number": number,
            "days": days,
        }
        super().__init__(IssuerProvider(), name, inputs, opts)
