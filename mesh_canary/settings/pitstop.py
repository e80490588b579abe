"""Pitstop, a garage of services: its names, and the keys that only it has.

Source: EdwinVW/pitstop, branch main of 2026 (names, ports, who asks whom).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from pydantic import Field

from mesh_canary.settings.fields import ImageRef, K8sName, Quantity, Replicas, Settings
from mesh_canary.settings.ports import ServiceType
from mesh_canary.settings.problems import Problem
from mesh_canary.settings.workloads import PullPolicy, ResourceSettings

INFRASTRUCTURE = ("sqlserver", "rabbitmq", "logserver", "mailserver")
EVENT_HANDLER = "workshopmanagementeventhandler"
APIS = ("customermanagementapi", "vehiclemanagementapi", "workshopmanagementapi")
WORKERS = ("auditlogservice", "invoiceservice", "notificationservice", "timeservice")
WEB_APP = "webapp"
PITSTOP_WORKLOADS = (*INFRASTRUCTURE, EVENT_HANDLER, *APIS, *WORKERS, WEB_APP)
START_ORDER = (INFRASTRUCTURE, (EVENT_HANDLER,), (*APIS, *WORKERS), (WEB_APP,))
"""Who starts together; each group when all of the one before are ready."""
RELEASABLE = (*APIS, WEB_APP)
"""What is called by HTTP and keeps no data of its own."""
ONE_POD = {
    "timeservice": "two would tell everybody twice that a day has passed",
    EVENT_HANDLER: "its pods would write to one another's rows",
    "sqlserver": "its data is in one place",
    "rabbitmq": "its data is in one place",
    "logserver": "its data is in one place",
    "mailserver": "its data is in one place",
}
"""What runs once, and why."""
KEEPERS = ("sqlserver", "rabbitmq", "logserver", "auditlogservice")
"""What has data that may be kept."""
CALLERS: Mapping[str, tuple[str, ...]] = {
    "sqlserver": (*APIS, EVENT_HANDLER, "invoiceservice", "notificationservice"),
    "rabbitmq": (*APIS, EVENT_HANDLER, *WORKERS),
    "logserver": (*APIS, EVENT_HANDLER, *WORKERS, WEB_APP),
    "mailserver": ("invoiceservice", "notificationservice"),
    **dict.fromkeys(APIS, (WEB_APP,)),
}
"""Who asks whom."""
PITSTOP_ONLY = (
    "images",
    "pods",
    "resources",
    "users",
    "kept",
    "storage_class",
    "service_types",
    "pull_policy",
    "sql_edition",
)


class PitstopKeys(Settings):
    """What an operator chooses of Pitstop; every map is by workload."""

    images: dict[K8sName, ImageRef] = Field(default_factory=dict)
    """Pitstop only: images instead of the pinned ones; `wait` is the one that waits for RabbitMQ."""
    pods: dict[K8sName, Replicas] = Field(default_factory=dict)
    """Pitstop only: how many pods, by default one."""
    resources: dict[K8sName, ResourceSettings] = Field(default_factory=dict)
    """Pitstop only: what a pod asks for and may use, instead of the defaults."""
    users: dict[K8sName, int] = Field(default_factory=dict)
    """Pitstop only: the number of the user that an image of yours runs as."""
    kept: dict[K8sName, Quantity] = Field(default_factory=dict)
    """Pitstop only: how much room for data is kept when pods go; by default none, and data goes with its pod."""
    storage_class: K8sName | None = None
    """Pitstop only: of the room that is kept."""
    service_types: dict[K8sName, ServiceType] = Field(default_factory=dict)
    """Pitstop only: Services that are reached from outside the cluster, by default none."""
    pull_policy: PullPolicy = "IfNotPresent"
    """Pitstop only: when nodes ask the registry for an image."""
    sql_edition: Literal["Developer", "Express", "Web", "Standard", "Enterprise"] = "Developer"
    """Pitstop only: the edition of SQL Server; Developer has no licence for production."""


def check_pitstop(app: PitstopKeys) -> list[Problem]:
    """Maps name workloads of Pitstop, and what runs once has one pod."""
    listening = (*INFRASTRUCTURE, *APIS, WEB_APP)
    maps: tuple[tuple[str, Mapping[str, object], Sequence[str]], ...] = (
        ("images", app.images, (*PITSTOP_WORKLOADS, "wait")),
        ("pods", app.pods, PITSTOP_WORKLOADS),
        ("resources", app.resources, PITSTOP_WORKLOADS),
        ("users", app.users, PITSTOP_WORKLOADS),
        ("kept", app.kept, KEEPERS),
        ("service_types", app.service_types, listening),
    )
    problems = [
        problem for key, chosen, known in maps for problem in _check_names(key, chosen, known)
    ]
    problems += [
        Problem(f"pods.{name}", f"{count}", f"runs once: {ONE_POD[name]}", "leave it out")
        for name, count in app.pods.items()
        if count > 1 and name in ONE_POD
    ]
    if app.storage_class and not app.kept:
        hint = "say in `kept` how much room is kept, or leave it out"
        problems.append(Problem("storage_class", app.storage_class, "nothing is kept", hint))
    return problems


def _check_names(key: str, chosen: Mapping[str, object], known: Sequence[str]) -> Iterator[Problem]:
    hint = f"one of: {', '.join(known)}"
    for name in chosen:
        if name not in PITSTOP_WORKLOADS and name not in known:
            yield Problem(f"{key}.{name}", "", "not a workload of Pitstop", hint)
        elif name not in known:
            yield Problem(f"{key}.{name}", "", "has nothing that this could be said of", hint)
