"""A Deployment that somebody else made under a name of ours: taken over without a gap where it can be, else refused.

Server-side apply takes over what we say and leaves the rest; the pods change one by one, one more first. Only what a
Deployment selects can never be changed: Kubernetes refuses that, and a replacement would be a gap.
"""

from mesh_canary.routing import names
from mesh_canary.routing.route import Manifest
from mesh_canary.settings import Problem


def is_ours(found: Manifest) -> bool:
    """Whether an object in the cluster has our label."""
    labels = found["metadata"].get("labels") or {}
    return bool(names.MANAGED_BY.items() <= labels.items())


def check_adoption(key: str, wanted: Manifest, found: Manifest) -> list[Problem]:
    """What speaks against taking over `found`, a Deployment of the name and namespace of `wanted`."""
    selects, ours = found["spec"]["selector"], wanted["spec"]["selector"]
    if selects == ours:
        return []
    name, namespace = wanted["metadata"]["name"], wanted["metadata"]["namespace"]
    rule = (
        f"Deployment {name} in namespace {namespace} is somebody else's and selects {_selected(selects)};"
        f" ours selects {_selected(ours)}, and Kubernetes never changes a selector"
    )
    hint = (
        f"kubectl -n {namespace} delete deployment {name} --cascade=orphan leaves its pods serving;"
        " then run again, and delete its ReplicaSet if one is left"
    )
    return [Problem(key, "", rule, hint)]


def explain_adoption(wanted: Manifest, found: Manifest) -> str:
    """What taking over `found` changes, in words."""
    name, namespace = wanted["metadata"]["name"], wanted["metadata"]["namespace"]
    by = ", ".join(sorted({m["manager"] for m in found["metadata"].get("managedFields", [])}))
    said = "".join(f"; {change}" for change in _changes(wanted, found))
    return (
        f"Deployment {name} in namespace {namespace} is there already, by {by or 'somebody else'}: this run takes it"
        f" over, its pods are replaced one by one, and it is ours from then on{said}"
    )


def _changes(wanted: Manifest, found: Manifest) -> list[str]:
    """What becomes of replicas and images; an autoscaler's replicas are not ours to say."""
    before, after = found["spec"], wanted["spec"]
    was = before.get("replicas", 1)
    replicas = after.get("replicas", was)
    images = {c["name"]: c["image"] for c in before["template"]["spec"]["containers"]}
    ours = {c["name"]: c["image"] for c in after["template"]["spec"]["containers"]}
    pods = [f"{was} replicas become {replicas}"] if was != replicas else []
    return pods + [
        f"image {images[name]} becomes {image}"
        for name, image in ours.items()
        if images.get(name, image) != image
    ]


def _selected(selector: Manifest) -> str:
    labels = [f"{key}={value}" for key, value in sorted(selector.get("matchLabels", {}).items())]
    return ", ".join([*labels, *(["by expressions"] if selector.get("matchExpressions") else [])])
