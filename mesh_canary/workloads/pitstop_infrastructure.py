"""What Pitstop's own services need: SQL Server, RabbitMQ, Seq and MailDev, as a stack file would describe them."""

from typing import Any

BROKER = "rabbitmq:5672"
BROKER_USER = "rabbitmquser"
Config = dict[str, Any]
"""A workload as a stack file would describe it."""


def describe_infrastructure(name: str) -> Config:
    """One of them."""
    return INFRASTRUCTURE_OF[name]


INFRASTRUCTURE_OF: dict[str, Config] = {
    "sqlserver": {
        "ports": {"tcp-tds": {"port": 1433}},
        "env": {"ACCEPT_EULA": "Y", "MSSQL_MEMORY_LIMIT_MB": "3072"},
        "secret_env": {"MSSQL_SA_PASSWORD": "sa_password"},
        "strategy": "recreate",
        "probes": {
            "startup": {"tcp_port": 1433, "failure_threshold": 60},
            "readiness": {"tcp_port": 1433},
            "liveness": {"tcp_port": 1433},
        },
        "security": {"run_as_user": 10001, "fs_group": 10001},
        "resources": {"cpu_request": "500m", "memory_request": "2Gi", "memory_limit": "4Gi"},
        "ready_seconds": 600,
        "volume": "/var/opt/mssql",
    },
    "rabbitmq": {
        "ports": {"http-admin": {"port": 15672}, "tcp-amqp": {"port": 5672}},
        # The data directory is named after the node: under the pod's name, kept data would not be found again.
        "env": {"RABBITMQ_DEFAULT_USER": BROKER_USER, "RABBITMQ_NODENAME": "rabbit@localhost"},
        "secret_env": {"RABBITMQ_DEFAULT_PASS": "rabbitmq_password"},
        "strategy": "recreate",
        "probes": {
            "startup": {"tcp_port": 5672, "failure_threshold": 60},
            "readiness": {"tcp_port": 5672},
            "liveness": {
                "command": ["rabbitmq-diagnostics", "-q", "ping"],
                "timeout_seconds": 15,
                "period_seconds": 30,
            },
        },
        # Alpine's image has this user and group; as root it would drop to them itself, for which it needs rights.
        "security": {"run_as_user": 100, "fs_group": 101},
        "resources": {"cpu_request": "100m", "memory_request": "256Mi", "memory_limit": "768Mi"},
        "volume": "/var/lib/rabbitmq",
    },
    "logserver": {
        "ports": {"http-5341": {"port": 5341, "target": 80}},
        "env": {"ACCEPT_EULA": "Y"},
        "secret_env": {"SEQ_FIRSTRUN_ADMINPASSWORD": "seq_admin_password"},
        "strategy": "recreate",
        "probes": {"readiness": "/health", "liveness": "/health", "period_seconds": 10},
        "security": {"run_as_root": True, "capabilities": ["NET_BIND_SERVICE"]},
        "resources": {"cpu_request": "100m", "memory_request": "256Mi", "memory_limit": "1Gi"},
        "volume": "/data",
    },
    "mailserver": {
        "ports": {"http-web": {"port": 4000, "target": 80}, "tcp-smtp": {"port": 25}},
        "strategy": "recreate",
        "probes": {"readiness": "/", "liveness": {"tcp_port": 25}, "period_seconds": 10},
        "security": {"run_as_root": True, "capabilities": ["NET_BIND_SERVICE"]},
        "resources": {"cpu_request": "25m", "memory_request": "64Mi", "memory_limit": "128Mi"},
        "volume": "",
    },
}
"""By name; `volume` is where data lies. Those that bind a port below 1024 start as root."""
