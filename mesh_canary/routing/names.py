"""Every Kubernetes object name and label in one place. A version's labels never change their meaning."""

from mesh_canary.settings.fields import label_of

MANAGED_BY = {"app.kubernetes.io/managed-by": "mesh-canary"}
ROUTE_NOTE = "mesh-canary/route"
"""Annotation on a route: the weights we wrote and the versions we named, as JSON, so that a later edit by hand can be
told from an interrupted run."""

POD_NOTE = "mesh-canary/pods"
"""Annotation on a Deployment where pods carry the weights: the counts that we wrote and the weights they are for."""

SERVES = "mesh-canary/serves"
"""Label of a pod: whether the Service sends it requests. Only without a mesh; there from the first day."""

TAKE_OVER = {"pulumi.com/patchForce": "true", "pulumi.com/patchFieldManager": "mesh-canary"}
"""Annotations: our write wins over a field that somebody else wrote, an edit by hand or a run of ours that was killed
while it created the object; and it takes away what we no longer say, being the same field manager every time. Whether
it may is checked before."""
PUT_BACK = "mesh-canary/put-back"
"""Annotation: the edit by hand that the last rollback took back."""


def deployment_name(service: str, version: str) -> str:
    """reviews, v2: reviews-v2."""
    return f"{service}-{label_of(version)}"


def workload_name(namespace: str, service: str, version: str) -> str:
    """What Pulumi's state calls a workload: the same for the app and the release that hand it to each other."""
    return f"{namespace}-{service}-{label_of(version)}"


WORKLOAD_ROLES = ("deployment", "budget", "autoscaler")
"""What Pulumi's state adds to the name of a workload for each of its objects."""


def route_logical_name(namespace: str, service: str) -> str:
    """What Pulumi's state calls the route within the mesh, of an app or of a release."""
    return f"{namespace}-{service}-route"


def gateway_route_logical_name(namespace: str, service: str) -> str:
    """What Pulumi's state calls the gateway's route, of an app or of a release."""
    return f"{namespace}-{service}-gateway-route"


def service_logical_name(namespace: str, service: str) -> str:
    """What Pulumi's state calls a Service, of an app or of a release."""
    return f"{namespace}-{service}-service"


def subset_name(version: str) -> str:
    """The Istio subset of `version`: the version itself, with '-' where a DNS label takes no '.'."""
    return label_of(version)


def gateway_route_name(service: str) -> str:
    """The route of `service` for requests that come through the ingress gateway."""
    return f"{service}-gateway"


def host_of(service: str, namespace: str) -> str:
    """The full name of a Service; short ones mean something else in every namespace."""
    return f"{service}.{namespace}.svc.cluster.local"


def pod_labels(service: str, version: str) -> dict[str, str]:
    """What a Deployment selects and a subset asks for; the Service selects on `app`, and sometimes on one version."""
    return {"app": service, "version": version}
