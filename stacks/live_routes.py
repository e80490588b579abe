"""Reads the routes that are in force in the cluster, to compare them with the record. Never writes."""

from collections.abc import Mapping, Set
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pulumi

from mesh_canary.release import Deployed, LiveRoute, Record
from mesh_canary.routing.deployments import read_deployed
from mesh_canary.settings import ReleaseSettings, StackSettings
from mesh_canary.workloads.adoption import is_ours
from stacks.translation import route_of, router_of

Object = dict[str, Any]
ANSWER_SECONDS = 10.0
"""How long the cluster may take to answer."""


@dataclass(frozen=True)
class Routes:
    """What namespaces hold of routes and Deployments; `unanswered` says why it is not known."""

    by_namespace: Mapping[str, list[Object]]
    deployments: Mapping[str, list[Object]]
    """Those with a label of ours, by namespace."""
    unanswered: str = ""
    strangers: Mapping[str, list[Object]] = field(default_factory=dict)
    """Deployments that somebody else made, by namespace."""


class LiveRoutes:
    """Asks what namespaces hold that have a release, in the file or recorded, or that this very run sets up."""

    def __init__(
        self, settings: StackSettings, records: Mapping[str, Record], known: Set[str]
    ) -> None:
        """Starts asking, beside other work. `known`: the namespaces that the stack has set up before."""
        namespaces = {release.namespace for release in settings.releases.values()}
        namespaces |= {record.namespace for record in records.values()}
        namespaces |= {app.namespace for app in settings.apps.values() if app.created} - known
        self._routes: Future[Routes] | None = None
        if namespaces:
            executor = ThreadPoolExecutor(1, "live-routes")
            self._routes = executor.submit(_read, settings, namespaces)
            executor.shutdown(wait=False)

    def wait(self) -> Routes:
        """The answer. Raises pulumi.RunError for an `up` without one: it would work in the dark."""
        routes = self._routes.result() if self._routes else Routes({}, {})
        if routes.unanswered and not pulumi.runtime.is_dry_run():
            message = (
                f"the cluster did not say which routes are in force: {routes.unanswered}"
                "\n  hint: nothing was changed; see that kubeconfig and context reach it, then run again"
            )
            raise pulumi.RunError(message)
        return routes


def live_route(
    settings: StackSettings, release: ReleaseSettings, record: Record | None, routes: Routes
) -> LiveRoute | None:
    """The live route of a release and what runs behind it; None where the cluster did not answer."""
    if routes.unanswered:
        return None
    versions = {release.stable.version, release.canary.version}
    versions |= {record.stable, record.canary} if record else set()
    found = routes.by_namespace[release.namespace]
    running = deployed(routes, release.namespace, release.service)
    return router_of(settings).read_live(route_of(settings, release), found, versions, running)


def deployed(routes: Routes, namespace: str, service: str) -> tuple[Deployed, ...]:
    """The versions of a service that have a Deployment of ours, by version."""
    return read_deployed(routes.deployments[namespace], service)


def _read(settings: StackSettings, namespaces: Set[str]) -> Routes:
    # Imported here: a stack without releases does not pay for it, the others load it beside the engine's work.
    import httpx2
    from lightkube import Client, KubeConfig

    api_version, kind = router_of(settings).route_api
    cluster = settings.cluster
    try:
        config = KubeConfig.from_file(Path(cluster.kubeconfig).expanduser()).get(cluster.context)
        client = Client(config=config, timeout=httpx2.Timeout(ANSWER_SECONDS))
        routes = {name: _list(client, api_version, kind, name) for name in namespaces}
        found = {name: _list(client, "apps/v1", "Deployment", name) for name in namespaces}
        ours = {name: [d for d in below if is_ours(d)] for name, below in found.items()}
        strangers = {name: [d for d in below if not is_ours(d)] for name, below in found.items()}
        return Routes(routes, ours, strangers=strangers)
    except Exception as error:
        return Routes({}, {}, f"{type(error).__name__}: {error}")


def _list(client: Any, api_version: str, kind: str, namespace: str) -> list[Object]:
    """The objects of a kind; none where the cluster does not know it."""
    import httpx2
    from lightkube.generic_resource import create_namespaced_resource

    group, _, version = api_version.rpartition("/")
    resource = create_namespaced_resource(group, version, kind, f"{kind.lower()}s")
    try:
        return [_plain(item) for item in client.list(resource, namespace=namespace)]
    except httpx2.HTTPStatusError as error:
        if error.response.status_code == HTTPStatus.NOT_FOUND:
            return []
        raise


def _plain(item: Any) -> Object:
    return dict(item.to_dict())
