"""Pitstop's own services, as a stack file would describe them: three APIs, five workers, the pages.

Their images hold passwords of their own: every one of them is overridden, by variables that .NET reads after its files.
"""

from mesh_canary.settings.pitstop import APIS, EVENT_HANDLER, WEB_APP, WORKERS
from mesh_canary.workloads.pitstop_infrastructure import BROKER, BROKER_USER, Config
from mesh_canary.workloads.pitstop_secrets import DATABASES, connection_name

DOTNET_USER = 1654
"""The user `app` of .NET's images, which start as root unless told otherwise."""
QUEUES = {
    EVENT_HANDLER: "WorkshopManagement",
    "auditlogservice": "Auditlog",
    "invoiceservice": "Invoicing",
    "notificationservice": "Notifications",
}
"""Who reads events, and from which queue."""
PUBLISHERS = (*APIS, "timeservice")
PORTS = {
    "customermanagementapi": 5100,
    "vehiclemanagementapi": 5000,
    "workshopmanagementapi": 5200,
    WEB_APP: 7005,
}
API_KEYS = ("CustomerManagementAPI", "VehicleManagementAPI", "WorkshopManagementAPI")
AUDIT_LOG = "/var/log/pitstop/auditlog"
API_SIZE = {"cpu_request": "50m", "memory_request": "160Mi", "memory_limit": "384Mi"}
WEB_SIZE = {"cpu_request": "50m", "memory_request": "128Mi", "memory_limit": "256Mi"}
WORKER_SIZE = {"cpu_request": "25m", "memory_request": "96Mi", "memory_limit": "256Mi"}


def describe_service(name: str) -> Config:
    """One of Pitstop's own services; `volume` is where it keeps files, if anywhere."""
    worker = name in (EVENT_HANDLER, *WORKERS)
    env, secret_env = _broker_variables(name)
    env["DOTNET_ENVIRONMENT" if worker else "ASPNETCORE_ENVIRONMENT"] = "Production"
    secret_env |= {
        f"ConnectionStrings__{key}": connection_name(database)
        for key, database in DATABASES.get(name, {}).items()
    }
    config: Config = {
        "version": "1.0",
        "env": env,
        "secret_env": secret_env,
        "security": {"run_as_user": DOTNET_USER},
        "resources": WORKER_SIZE if worker else API_SIZE,
        "ports": {} if worker else {f"http-{PORTS[name]}": {"port": PORTS[name]}},
        "probes": _probes(name),
        "ready_seconds": 600,
        **({"wait_for": [BROKER]} if worker else {}),
    }
    return {**config, **_peculiarities(name, env)}


def _peculiarities(name: str, env: dict[str, str]) -> Config:
    """What one of them has and no other."""
    match name:
        case "customermanagementapi":
            return {"selector": "version"}  # narrow until a release needs both versions
        case "webapp":
            places = zip(API_KEYS, APIS, strict=True)
            apis = {f"APIServiceLocations__{key}": f"{api}:{PORTS[api]}" for key, api in places}
            return {"env": {**env, **apis}, "resources": WEB_SIZE}
        case "auditlogservice":
            return {
                "env": {**env, "Auditlog__path": AUDIT_LOG},
                "security": {"run_as_user": DOTNET_USER, "fs_group": DOTNET_USER},
                "volume": AUDIT_LOG,
                "strategy": "recreate",
            }
        case "timeservice" | "workshopmanagementeventhandler":
            return {"strategy": "recreate"}  # never two of them, not even during an update
    return {}


def _broker_variables(name: str) -> tuple[dict[str, str], dict[str, str]]:
    """Plain and secret variables of those who send events, read them, or both."""
    sections = (("RabbitMQPublisher", name in PUBLISHERS), ("RabbitMQHandler", name in QUEUES))
    env: dict[str, str] = {}
    secret_env: dict[str, str] = {}
    for section in (section for section, there in sections if there):
        env |= {f"{section}__Host": "rabbitmq", f"{section}__UserName": BROKER_USER}
        secret_env[f"{section}__Password"] = "rabbitmq_password"
    if name in QUEUES:
        env["RabbitMQHandler__Queue"] = QUEUES[name]
    return env, secret_env


def _probes(name: str) -> Config:
    """What each service can be asked before a first request, and what not.

    The customer and vehicle APIs open their port after they have migrated their database, which may take five minutes;
    /hc then asks the database, so it is no question for liveness. /hc of the workshop API fails until a first request
    has created its event store, which would never come. The workers have nothing that could be asked.
    """
    match name:
        case "webapp":
            return {"readiness": "/hc", "liveness": "/hc"}
        case "workshopmanagementapi":
            return {"readiness": "/", "liveness": "/"}
        case "customermanagementapi" | "vehiclemanagementapi":
            opened = {"tcp_port": PORTS[name]}
            startup = {**opened, "failure_threshold": 72}
            return {"startup": startup, "readiness": "/hc", "liveness": opened}
    return {}
