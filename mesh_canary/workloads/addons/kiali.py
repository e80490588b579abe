"""Kiali: draws the mesh and changes nothing.

Its whole configuration is a Secret, since the key that signs sessions is part of it. The rights are those of looking:
no write anywhere, no port-forward; so it does not ask istiod or proxies for their state (`istio_api_enabled`).
Source: Kiali 2.31, kiali_cr.yaml (keys); its server chart (viewer role).
"""

from mesh_canary.routing import names
from mesh_canary.routing.route import Manifest
from mesh_canary.settings.addons import AddonsSettings, KialiSettings
from mesh_canary.workloads.addons.addon import (
    Addon,
    Pod,
    Volume,
    as_text,
    make_deployment,
    make_reader,
    make_secret,
    make_service,
)
from mesh_canary.workloads.addons.prometheus import PORT as PROMETHEUS_PORT
from mesh_canary.workloads.addons.tracing import PAGE

APP = "kiali"
PORT = 20001
_LOOK = ["get", "list", "watch"]
_RULES = [
    {
        "apiGroups": [""],
        "resources": [
            *("configmaps", "endpoints", "namespaces", "pods", "pods/log"),
            *("replicationcontrollers", "services"),
        ],
        "verbs": _LOOK,
    },
    {
        "apiGroups": ["apps"],
        "resources": ["daemonsets", "deployments", "replicasets", "statefulsets"],
        "verbs": _LOOK,
    },
    {"apiGroups": ["batch"], "resources": ["cronjobs", "jobs"], "verbs": _LOOK},
    {
        "apiGroups": [
            *("networking.istio.io", "security.istio.io", "extensions.istio.io"),
            *("telemetry.istio.io", "gateway.networking.k8s.io"),
        ],
        "resources": ["*"],
        "verbs": _LOOK,
    },
    {
        "apiGroups": ["admissionregistration.k8s.io"],
        "resources": ["mutatingwebhookconfigurations"],
        "verbs": _LOOK,
    },
    {"apiGroups": ["authentication.k8s.io"], "resources": ["tokenreviews"], "verbs": ["create"]},
]


def make_kiali(
    addons: AddonsSettings, settings: KialiSettings, mesh_namespace: str, scheme: str
) -> Addon:
    """Kiali with its rights and one Secret."""
    namespace = addons.namespace
    config = make_config(addons, settings, mesh_namespace, scheme)
    unsigned = {**config, "login_token": {}}
    pod = Pod(
        user=1000,
        port=PORT,
        health="/healthz",
        command=("/opt/kiali/kiali", "-config", "/kiali-configuration/config.yaml"),
        volumes=(Volume("config", "/kiali-configuration", secret=APP),),
        config=as_text(unsigned),  # without the key: a hash of it would be there for guessing
        account=True,
    )
    objects = (
        *make_reader(namespace, APP, _RULES),
        make_secret(namespace, APP, {"config.yaml": as_text(config)}),
        make_service(namespace, APP, APP, PORT, PORT),
        make_deployment(namespace, APP, settings, pod),
    )
    return Addon(APP, objects, APP, PORT)


def make_config(
    addons: AddonsSettings, settings: KialiSettings, mesh_namespace: str, scheme: str
) -> Manifest:
    """Whom Kiali asks, who gets in, and that it may only look."""
    hosts = {name: f"{scheme}://{host}" for name, host in addons.hosts.items()}
    return {
        "auth": {"strategy": settings.auth},
        "deployment": {
            "cluster_wide_access": True,
            "instance_name": APP,
            "namespace": addons.namespace,
            "view_only_mode": True,
        },
        "external_services": {
            "custom_dashboards": {"enabled": False},
            "grafana": {
                "enabled": addons.grafana is not None,
                "internal_url": _url("grafana", addons.namespace, 3000),
                "external_url": hosts.get("grafana", ""),
            },
            "istio": {"istio_api_enabled": False, "root_namespace": mesh_namespace},
            "prometheus": {"url": _url("prometheus", addons.namespace, PROMETHEUS_PORT)},
            # Zipkin is not among the back ends that Kiali reads.
            "tracing": {
                "enabled": bool(addons.tracing and addons.tracing.kind == "jaeger"),
                "provider": "jaeger",
                "internal_url": _url(PAGE, addons.namespace, 80),
                "use_grpc": False,
                "external_url": hosts.get("tracing", ""),
            },
        },
        "istio_namespace": mesh_namespace,
        "login_token": {"signing_key": settings.signing_key},
        "server": {"port": PORT, "web_root": "/"},
    }


def _url(service: str, namespace: str, port: int) -> str:
    return f"http://{names.host_of(service, namespace)}:{port}"
