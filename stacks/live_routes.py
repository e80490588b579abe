"""Reads the routes that are in force in the cluster, to compare them with the record. Never writes."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pulumi

from mesh_canary.release import LiveRoute, Record
from mesh_canary.routing import Router
from mesh_canary.settings import ClusterSettings, ReleaseSettings, StackSettings
from stacks.translation import route_of, router_of

ANSWER_SECONDS = 10.0
"""How long the cluster may take to answer."""


@dataclass(frozen=True)
class Routes:
    """The routes of one or more namespaces as the cluster holds them; `unanswered` says why they are not known."""

    by_namespace: Mapping[str, list[dict[str, Any]]]
    unanswered: str = ""


class LiveRoutes:
    """Asks for the routes of every namespace with a release, beside whatever the program does next."""

    def __init__(self, settings: StackSettings) -> None:
        """Starts asking."""
        executor = ThreadPoolExecutor(1, "live-routes")
        self._routes = executor.submit(_list_routes, settings)
        executor.shutdown(wait=False)

    def wait(self) -> Routes:
        """The answer. Raises pulumi.RunError for an `up` without one: it would work in the dark."""
        routes = self._routes.result()
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
    """The live route of a release; None where the cluster did not answer."""
    if routes.unanswered:
        return None
    versions = {release.stable.version, release.canary.version}
    versions |= {record.stable, record.canary} if record else set()
    found = routes.by_namespace[release.namespace]
    return router_of(settings).read_live(route_of(settings, release), found, versions)


def _list_routes(settings: StackSettings) -> Routes:
    namespaces = {release.namespace for release in settings.releases.values()}
    router, cluster = router_of(settings), settings.cluster
    try:
        return Routes({name: _list_namespace(cluster, router, name) for name in namespaces})
    except Exception as error:
        return Routes({}, f"{type(error).__name__}: {error}")


def _list_namespace(
    cluster: ClusterSettings, router: Router, namespace: str
) -> list[dict[str, Any]]:
    """The routes of a namespace as plain data; none where the cluster does not know the mesh's kinds."""
    # Imported here: a stack without releases does not pay for it, the others load it beside the engine's work.
    import httpx2
    from lightkube import Client, KubeConfig
    from lightkube.generic_resource import create_namespaced_resource

    api_version, kind = router.route_api
    group, version = api_version.split("/")
    resource = create_namespaced_resource(group, version, kind, f"{kind.lower()}s")
    config = KubeConfig.from_file(Path(cluster.kubeconfig).expanduser()).get(cluster.context)
    client = Client(config=config, timeout=httpx2.Timeout(ANSWER_SECONDS))
    try:
        return [_plain(item) for item in client.list(resource, namespace=namespace)]
    except httpx2.HTTPStatusError as error:
        if error.response.status_code == HTTPStatus.NOT_FOUND:
            return []
        raise


def _plain(item: Any) -> dict[str, Any]:
    return dict(item.to_dict())
