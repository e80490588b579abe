"""Who may call what: written when every caller has its sidecar.

A policy holds at once, while pods get their sidecars one by one: a caller whose pod has none yet would get 403. So a
policy comes after the pods of its app and of the releases there. `stacks/identities.py` looks after the way back.
"""

from collections.abc import Iterator, Mapping, Set

import pulumi

from components.access import Access, AccessArgs
from components.app import App
from components.canary_release import CanaryRelease
from mesh_canary.routing import Manifest
from mesh_canary.routing.istio_access import make_access_policy
from mesh_canary.settings import AppSettings, StackSettings
from mesh_canary.workloads import with_tags
from stacks.cluster import Cluster
from stacks.translation import principals_of


def build_access(
    settings: StackSettings,
    cluster: Cluster,
    apps: Mapping[str, App],
    releases: Mapping[str, CanaryRelease],
    known: Set[str],
) -> None:
    """The policies of every app. `known`: namespaces of the state; a new one has nobody yet who could be refused."""
    for name, app in settings.apps.items():
        policies = [*_policies_of(settings, app)]
        if name not in apps or not policies:
            continue
        args: AccessArgs = {"policies": policies}
        of_the_app = [
            r for n, r in releases.items() if settings.releases[n].namespace == app.namespace
        ]
        needs: list[pulumi.Resource] = [apps[name].namespace]
        if app.namespace in known:
            needs = [apps[name], *of_the_app]
        opts = pulumi.ResourceOptions(depends_on=needs)
        Access(
            f"{name}-access",
            with_tags(args, settings.tags),
            pulumi.ResourceOptions.merge(cluster.options(), opts),
        )


def _policies_of(settings: StackSettings, app: AppSettings) -> Iterator[Manifest]:
    for workload in app.access:
        yield make_access_policy(app.namespace, workload, principals_of(settings, app, workload))
