"""Grafana: one user with a password, one data source, our own dashboards. Nothing can be edited there and last.

It keeps nothing: users, sessions and edits go with its pod, while data source and dashboards come back from ConfigMaps.
Source: Grafana 12, "Configure Grafana" (environment variables), "Provision Grafana".
"""

from mesh_canary.routing import names
from mesh_canary.routing.route import Manifest
from mesh_canary.settings.addons import AddonsSettings, GrafanaSettings
from mesh_canary.workloads.addons.addon import (
    Addon,
    Pod,
    Volume,
    as_text,
    make_config_map,
    make_deployment,
    make_secret,
    make_service,
)
from mesh_canary.workloads.addons.dashboards import DATA_SOURCE, make_dashboards
from mesh_canary.workloads.addons.prometheus import PORT as PROMETHEUS_PORT

APP = "grafana"
PORT = 3000
_PROVISIONING = "/etc/grafana/provisioning"
_DASHBOARDS = "/etc/grafana/dashboards"
_PASSWORD_KEY = "admin-password"


def make_grafana(addons: AddonsSettings, settings: GrafanaSettings, scheme: str) -> Addon:
    """Grafana with its Secret, data source and dashboards."""
    namespace = addons.namespace
    dashboards = {
        f"{name}.json": as_text(dashboard) for name, dashboard in make_dashboards().items()
    }
    data_sources = as_text(_data_sources(namespace))
    provider = as_text(_dashboard_provider())
    host = addons.hosts.get(APP)
    pod = Pod(
        user=472,
        port=PORT,
        health="/api/health",
        env=_env(f"{scheme}://{host}/" if host else ""),
        volumes=(
            Volume("data-sources", f"{_PROVISIONING}/datasources", config_map="grafana-sources"),
            Volume("provider", f"{_PROVISIONING}/dashboards", config_map="grafana-provider"),
            Volume("dashboards", _DASHBOARDS, config_map="grafana-dashboards"),
            Volume("data", "/var/lib/grafana"),
            Volume("tmp", "/tmp"),
        ),
        config=data_sources + provider,  # dashboards are read again by Grafana itself
    )
    objects = (
        make_secret(namespace, APP, {_PASSWORD_KEY: settings.admin_password}),
        make_config_map(namespace, "grafana-sources", {"prometheus.yaml": data_sources}),
        make_config_map(namespace, "grafana-provider", {"files.yaml": provider}),
        make_config_map(namespace, "grafana-dashboards", dashboards),
        make_service(namespace, APP, APP, PORT, PORT),
        make_deployment(namespace, APP, settings, pod),
    )
    return Addon(APP, objects, APP, PORT)


def _env(url: str) -> tuple[Manifest, ...]:
    values = {
        "GF_ANALYTICS_CHECK_FOR_UPDATES": "false",
        "GF_ANALYTICS_REPORTING_ENABLED": "false",
        "GF_AUTH_ANONYMOUS_ENABLED": "false",
        "GF_SECURITY_ADMIN_USER": "admin",
        "GF_USERS_ALLOW_SIGN_UP": "false",
        **({"GF_SERVER_ROOT_URL": url} if url else {}),
    }
    reference = {"secretKeyRef": {"name": APP, "key": _PASSWORD_KEY}}
    return (
        *({"name": name, "value": value} for name, value in values.items()),
        {"name": "GF_SECURITY_ADMIN_PASSWORD", "valueFrom": reference},
    )


def _data_sources(namespace: str) -> Manifest:
    url = f"http://{names.host_of('prometheus', namespace)}:{PROMETHEUS_PORT}"
    source = {
        "name": "Prometheus",
        "uid": DATA_SOURCE,
        "type": "prometheus",
        "access": "proxy",
        "url": url,
        "isDefault": True,
        "editable": False,
    }
    return {"apiVersion": 1, "datasources": [source]}


def _dashboard_provider() -> Manifest:
    provider = {
        "name": "mesh-canary",
        "type": "file",
        "allowUiUpdates": False,
        "options": {"path": _DASHBOARDS},
    }
    return {"apiVersion": 1, "providers": [provider]}
