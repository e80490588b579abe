"""Every Kubernetes object name and label in one place. A version's labels never change their meaning."""

MANAGED_BY = {"app.kubernetes.io/managed-by": "mesh-canary"}
WEIGHTS_NOTE = "mesh-canary/weights"
"""Annotation on a route: the weights we wrote, so that a later edit by hand can be told from an interrupted run."""


def deployment_name(service: str, version: str) -> str:
    """reviews, v2: reviews-v2."""
    return f"{service}-{label_of(version)}"


def subset_name(version: str) -> str:
    """The Istio subset of `version`: the version itself, with '-' where a DNS label takes no '.'."""
    return label_of(version)


def label_of(version: str) -> str:
    """`version` as a DNS label: 1.0 is 1-0."""
    return version.replace(".", "-")


def gateway_route_name(service: str) -> str:
    """The route of `service` for requests that come through the ingress gateway."""
    return f"{service}-gateway"


def host_of(service: str, namespace: str) -> str:
    """The full name of a Service; short ones mean something else in every namespace."""
    return f"{service}.{namespace}.svc.cluster.local"


def pod_labels(service: str, version: str) -> dict[str, str]:
    """What a Deployment selects and a subset asks for; the Service itself selects on `app` alone."""
    return {"app": service, "version": version}
