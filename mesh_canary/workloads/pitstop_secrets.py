"""Pitstop's connection strings, made of its passwords: in Secrets alone, never in a Deployment."""

from collections.abc import Mapping

from mesh_canary.settings.pitstop import EVENT_HANDLER

DATABASES = {
    "customermanagementapi": {"CustomerManagementCN": "CustomerManagement"},
    "vehiclemanagementapi": {"VehicleManagementCN": "VehicleManagement"},
    "workshopmanagementapi": {
        "EventStoreCN": "WorkshopManagementEventStore",
        "WorkshopManagementCN": "WorkshopManagement",
    },
    EVENT_HANDLER: {"WorkshopManagementCN": "WorkshopManagement"},
    "invoiceservice": {"InvoiceServiceCN": "Invoicing"},
    "notificationservice": {"NotificationServiceCN": "Notification"},
}
"""The connection strings of a workload, and the database in each."""
SEVERAL_RESULTS = ("Invoicing", "Notification")


def pitstop_secrets(given: Mapping[str, str]) -> dict[str, str]:
    """The given passwords, and the connection strings made of them."""
    made = {
        connection_name(database): _connection_string(database, given["sa_password"])
        for connections in DATABASES.values()
        for database in connections.values()
    }
    return {**made, **given}


def made_of() -> dict[str, str]:
    """By connection string: the password that it is made of."""
    databases = {name for connections in DATABASES.values() for name in connections.values()}
    return {connection_name(database): "sa_password" for database in sorted(databases)}


def connection_name(database: str) -> str:
    """The key of a Secret: CustomerManagement is customermanagement_connection."""
    return f"{database.lower()}_connection"


def _connection_string(database: str, password: str) -> str:
    """What .NET reads; settings refuse a password that would end its part early."""
    parts = {
        "server": "sqlserver",
        "user id": "sa",
        "password": password,
        "database": database,
        "trustServerCertificate": "true",
        **({"MultipleActiveResultSets": "True"} if database in SEVERAL_RESULTS else {}),
    }
    return "".join(f"{key}={value};" for key, value in parts.items())
