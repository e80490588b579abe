"""Pitstop: a database, a broker, a log and a mail server, three APIs, five workers and the pages of a garage.

Names, ports, variables and databases are those of the original (Source: EdwinVW/pitstop, k8s and appsettings of 2026).
Probes, sizes, users and accounts are ours; the original has none. Read on in `pitstop_infrastructure` and
`pitstop_services`.
"""

from mesh_canary.settings import AppSettings, WorkloadSettings
from mesh_canary.settings.pitstop import (
    APIS,
    EVENT_HANDLER,
    INFRASTRUCTURE,
    PITSTOP_WORKLOADS,
    START_ORDER,
    WEB_APP,
    WORKERS,
)
from mesh_canary.workloads.pitstop_infrastructure import Config, describe_infrastructure
from mesh_canary.workloads.pitstop_services import describe_service
from mesh_canary.workloads.versions import with_version

IMAGES = {
    "sqlserver": "mcr.microsoft.com/mssql/server:2022-CU14-ubuntu-22.04",
    "rabbitmq": "docker.io/library/rabbitmq:3.13.7-management-alpine",
    "logserver": "docker.io/datalust/seq:2024.3",
    "mailserver": "docker.io/maildev/maildev:1.1.0",
    **{name: f"docker.io/pitstop/{name}:1.0" for name in (EVENT_HANDLER, *APIS, *WORKERS, WEB_APP)},
    "wait": "docker.io/library/busybox:1.37.0",
}
"""Pinned; `images` of the stack file wins. MailDev after 1.1.0 listens on other ports."""
COMMON: Config = {"service_links": False, "api_token": False}
"""Nothing in Pitstop asks the Kubernetes API, and RabbitMQ would read variables made of Services as its own."""


def pitstop_workloads(app: AppSettings) -> dict[str, WorkloadSettings]:
    """The thirteen workloads, in the order in which they start."""
    return {name: _workload(app, name) for name in PITSTOP_WORKLOADS}


def pitstop_starts_after() -> dict[str, tuple[str, ...]]:
    """By workload: those that are ready before it starts."""
    after: dict[str, tuple[str, ...]] = {}
    for earlier, group in zip(((), *START_ORDER), START_ORDER, strict=False):
        after |= dict.fromkeys(group, earlier)
    return after


def _workload(app: AppSettings, name: str) -> WorkloadSettings:
    describe = describe_infrastructure if name in INFRASTRUCTURE else describe_service
    config: Config = {
        **COMMON,
        **_with_volume(app, name, describe(name)),
        "image": app.images.get(name, IMAGES[name]),
        "wait_image": app.images.get("wait", IMAGES["wait"]),
        "pull_policy": app.pull_policy,
        "replicas": app.pods.get(name, 1),
    }
    if name == "sqlserver":
        config["env"] = {**config["env"], "MSSQL_PID": app.sql_edition}
    if name in app.resources:
        config["resources"] = app.resources[name]
    if name in app.users:
        kept = {k: v for k, v in config["security"].items() if k != "run_as_root"}
        config["security"] = {**kept, "run_as_user": app.users[name]}
    if name in app.service_types:
        config["service_type"] = app.service_types[name]
    workload = WorkloadSettings.model_validate(config)
    return with_version(workload, app.versions[name]) if name in app.versions else workload


def _with_volume(app: AppSettings, name: str, config: Config) -> Config:
    """`config` with a volume where it has files: the pod's own, or room that is kept."""
    rest = {key: value for key, value in config.items() if key != "volume"}
    if not config.get("volume"):
        return rest
    volume: Config = {"mount": config["volume"]}
    if name in app.kept:
        volume |= {"size": app.kept[name], "storage_class": app.storage_class}
    return {**rest, "volumes": {"data": volume}}
