"""Tags: whose objects these are, for people and tools that look at the cluster (cost, logs, dashboards).

They reach pods and every object of ours as labels, and as annotations of the same names.
"""

from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from mesh_canary.settings.fields import LABEL_KEY, LABEL_VALUE
from mesh_canary.settings.problems import Contradiction, Problem

TAKEN = ("app", "version", "service", "istio", "istio-injection", "pod-template-hash")
"""Labels with a meaning of their own: Services, subsets, the mesh and Kubernetes go by them."""
TAKEN_BELOW = ("istio.io", "kubernetes.io", "k8s.io", "linkerd.io", "pulumi.com", "mesh-canary")


def _free(key: str) -> str:
    """Refuses a key that would change what a pod is to Kubernetes or the mesh."""
    prefix = key.rpartition("/")[0]
    below = any(prefix == domain or prefix.endswith(f".{domain}") for domain in TAKEN_BELOW)
    if key in TAKEN or below:
        rule = "Kubernetes, the mesh or mesh-canary goes by this label"
        raise Contradiction(Problem("", "", rule, "choose another name, for example project"))
    return key


TagKey = Annotated[str, StringConstraints(pattern=LABEL_KEY), AfterValidator(_free)]
TagValue = Annotated[str, StringConstraints(pattern=LABEL_VALUE)]
