"""Reads the routes that are in force in the cluster, to compare them with the record. Never writes."""

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from http import HTTPStatus
from pathlib import Path
from typing import Any

from mesh_canary.release import LiveRoute, Record
from mesh_canary.routing import Router
from mesh_canary.settings import ClusterSettings, StackSettings
from stacks.translation import route_of, router_of

ANSWER_SECONDS = 3.0
"""How long the cluster may take to answer; then the comparison is left out, and said so."""

Found = Mapping[str, LiveRoute | None]


def start_reading(settings: StackSettings) -> "Future[dict[str, list[dict[str, Any]] | None]]":
    """Asks for the routes of every namespace with a release, beside whatever the program does next."""
    namespaces = {release.namespace for release in settings.releases.values()}
    executor = ThreadPoolExecutor(1, "live-routes")
    future = executor.submit(
        lambda: {
            name: _list_routes(settings.cluster, router_of(settings), name) for name in namespaces
        }
    )
    executor.shutdown(wait=False)
    return future


def live_routes(
    settings: StackSettings,
    records: Mapping[str, Record],
    found: Mapping[str, list[dict[str, Any]] | None],
) -> dict[str, LiveRoute | None]:
    """The live route of each release; None where the cluster did not answer."""
    lives: dict[str, LiveRoute | None] = {}
    for name, release in settings.releases.items():
        routes = found[release.namespace]
        record = records.get(name)
        versions = {release.stable.version, release.canary.version}
        versions |= {record.stable, record.canary} if record else set()
        route = route_of(settings, release)
        lives[name] = (
            None if routes is None else router_of(settings).read_live(route, routes, versions)
        )
    return lives


def _list_routes(
    cluster: ClusterSettings, router: Router, namespace: str
) -> list[dict[str, Any]] | None:
    """The routes of a namespace as plain data; none where the mesh's kinds are unknown, None without an answer."""
    # Imported here: a stack without releases does not pay for it, the others load it beside the engine's work.
    import httpx2
    from lightkube import ApiError, Client, KubeConfig
    from lightkube.generic_resource import create_namespaced_resource

    api_version, kind = router.route_api
    group, version = api_version.split("/")
    resource = create_namespaced_resource(group, version, kind, f"{kind.lower()}s")
    try:
        config = KubeConfig.from_file(Path(cluster.kubeconfig).expanduser()).get(cluster.context)
        client = Client(config=config, timeout=httpx2.Timeout(ANSWER_SECONDS))
        return [_plain(item) for item in client.list(resource, namespace=namespace)]
    except ApiError as error:
        return [] if error.status.code == HTTPStatus.NOT_FOUND else None
    except (
        Exception
    ):  # whatever keeps the cluster from answering: the comparison is an extra, not a condition
        return None


def _plain(item: Any) -> dict[str, Any]:
    return dict(item.to_dict())
