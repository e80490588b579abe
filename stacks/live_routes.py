"""Reads the routes that are in force in the cluster, to compare them with the record. Never writes."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pulumi

from mesh_canary.release import LiveRoute, Record
from mesh_canary.routing import names
from mesh_canary.settings import ClusterSettings, ReleaseSettings, StackSettings
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


class LiveRoutes:
    """Asks for the routes of every namespace with a release, beside whatever the program does next."""

    def __init__(self, settings: StackSettings) -> None:
        """Starts asking."""
        executor = ThreadPoolExecutor(1, "live-routes")
        self._routes = executor.submit(_read, settings)
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
    live = router_of(settings).read_live(route_of(settings, release), found, versions)
    deployments = (d["metadata"]["labels"] for d in routes.deployments[release.namespace])
    running = {d.get("version") for d in deployments if d.get("app") == release.service}
    return replace(live, running=tuple(sorted(version for version in running if version)))


def _read(settings: StackSettings) -> Routes:
    namespaces = {release.namespace for release in settings.releases.values()}
    api_version, kind = router_of(settings).route_api
    try:
        return Routes(
            {name: _list(settings.cluster, api_version, kind, name) for name in namespaces},
            {name: _list(settings.cluster, "apps/v1", "Deployment", name) for name in namespaces},
        )
    except Exception as error:
        return Routes({}, {}, f"{type(error).__name__}: {error}")


def _list(cluster: ClusterSettings, api_version: str, kind: str, namespace: str) -> list[Object]:
    """Objects with a label of ours or, for routes, all; none where the cluster does not know the kind."""
    # Imported here: a stack without releases does not pay for it, the others load it beside the engine's work.
    import httpx2
    from lightkube import Client, KubeConfig
    from lightkube.generic_resource import create_namespaced_resource

    group, version = api_version.split("/")
    resource = create_namespaced_resource(group, version, kind, f"{kind.lower()}s")
    config = KubeConfig.from_file(Path(cluster.kubeconfig).expanduser()).get(cluster.context)
    client = Client(config=config, timeout=httpx2.Timeout(ANSWER_SECONDS))
    labels: dict[str, Any] | None = {**names.MANAGED_BY} if kind == "Deployment" else None
    try:
        return [_plain(item) for item in client.list(resource, namespace=namespace, labels=labels)]
    except httpx2.HTTPStatusError as error:
        if error.response.status_code == HTTPStatus.NOT_FOUND:
            return []
        raise


def _plain(item: Any) -> Object:
    return dict(item.to_dict())
