"""`pulumi destroy` at the end of a walk, and the proof that nothing is left: every object of every kind."""

import re
from dataclasses import dataclass

from demo.kube import Kube

_GIVEN_BY_ISTIOD = re.compile(r"ConfigMap\.v1 (default|kube-\S+)/istio-ca-(root-cert|crl)")
"""istiod gives one to every namespace of the cluster, and takes none back."""
_DEFINITIONS = re.compile(
    r"CustomResourceDefinition\.apiextensions\.k8s\.io \w+\.\w+\.istio\.io"  # Helm keeps them, by the chart's own word
    r"|APIService\.apiregistration\.k8s\.io \w+\.\w+\.istio\.io"  # the API server makes one for each group of them
)


@dataclass(frozen=True)
class Removal:
    """What a `destroy` left, as kind and name."""

    seconds: float
    kept: tuple[str, ...]
    """What belongs to the cluster or was asked to stay."""
    left: tuple[str, ...]
    """What should have gone."""


def belongs_to_the_cluster(name: str, *, crds_stay: bool = True) -> bool:
    """Whether an object stays that nobody could mean as part of what was removed."""
    return bool(_GIVEN_BY_ISTIOD.fullmatch(name) or (crds_stay and _DEFINITIONS.fullmatch(name)))


def look_after_removal(
    kube: Kube, before: frozenset[str], seconds: float, *, crds_stay: bool
) -> Removal:
    """What is there and was not there `before`; `seconds` is how long the removal took."""
    more = sorted(set(kube.everything()) - before)
    kept = tuple(name for name in more if belongs_to_the_cluster(name, crds_stay=crds_stay))
    return Removal(seconds, kept, tuple(name for name in more if name not in kept))
