"""Prometheus: reads the figures of istiod, of proxies, and of every pod that says where it has some.

A pod with a sidecar is read once: where Istio merges its app's figures with the proxy's (annotations prometheus.io/*,
which injection sets), there; otherwise at the proxy's own port. istiod has the annotations too, with its port 15014.
Source: Istio 1.31, "Prometheus" integration page; manifests/charts/istio-control.
"""

from mesh_canary.routing.route import Manifest
from mesh_canary.settings.addons import PrometheusSettings
from mesh_canary.workloads.addons.addon import (
    Addon,
    Pod,
    Volume,
    as_text,
    make_config_map,
    make_deployment,
    make_reader,
    make_service,
)

APP = "prometheus"
PORT = 9090
_POD = "__meta_kubernetes_pod"
_ANNOTATION = f"{_POD}_annotation_prometheus_io"
_PROXY_PORT = "http-envoy-prom"
"""What injection calls the port at which a proxy tells its own figures, 15090."""


def make_prometheus(namespace: str, settings: PrometheusSettings) -> Addon:
    """Prometheus with one ConfigMap, the right to list pods, and a folder that goes with its pod."""
    config = as_text(make_config(settings))
    pod = Pod(
        user=65534,
        port=PORT,
        health="/-/healthy",
        ready="/-/ready",
        args=(
            "--config.file=/etc/prometheus/prometheus.yml",
            "--storage.tsdb.path=/prometheus",
            f"--storage.tsdb.retention.time={settings.retention_hours}h",
        ),
        volumes=(
            Volume("config", "/etc/prometheus", config_map=APP),
            Volume("data", "/prometheus"),
        ),
        config=config,
        account=True,
    )
    objects = (
        *make_reader(
            namespace,
            APP,
            [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch"]}],
        ),
        make_config_map(namespace, APP, {"prometheus.yml": config}),
        make_service(namespace, APP, APP, PORT, PORT),
        make_deployment(namespace, APP, settings, pod),
    )
    return Addon(APP, objects, APP, PORT)


def make_config(settings: PrometheusSettings) -> Manifest:
    """What is read, and how often."""
    timeout = min(10, settings.scrape_seconds)
    return {
        "global": {
            "scrape_interval": f"{settings.scrape_seconds}s",
            "scrape_timeout": f"{timeout}s",
            "evaluation_interval": f"{settings.scrape_seconds}s",
        },
        "scrape_configs": [_annotated_pods(), _proxies(), _itself()],
    }


def _annotated_pods() -> Manifest:
    """Pods that say where their figures are: injected ones at port 15020, istiod at 15014, others where they like."""
    address = [f"{_POD}_ip", f"{_ANNOTATION}_port"]
    return {
        "job_name": "pods",
        "kubernetes_sd_configs": [{"role": "pod"}],
        "relabel_configs": [
            _keep(f"{_ANNOTATION}_scrape", "true"),
            *_running(),
            _set("__scheme__", [f"{_ANNOTATION}_scheme"], "(https?)"),
            _set("__metrics_path__", [f"{_ANNOTATION}_path"], "(.+)"),
            _set("__address__", address, r"([0-9.]+);([0-9]+)", "$1:$2"),
            _set("__address__", address, r"([0-9a-fA-F:]+:[0-9a-fA-F:]*);([0-9]+)", "[$1]:$2"),
            *_labels(),
        ],
    }


def _proxies() -> Manifest:
    """Proxies of pods that say nothing of figures: their own port, which every injected pod names."""
    return {
        "job_name": "proxies",
        "metrics_path": "/stats/prometheus",
        "kubernetes_sd_configs": [{"role": "pod"}],
        "relabel_configs": [
            _keep(f"{_POD}_container_port_name", _PROXY_PORT),
            {**_keep(f"{_ANNOTATION}_scrape", "true"), "action": "drop"},
            *_running(),
            *_labels(),
        ],
    }


def _itself() -> Manifest:
    return {"job_name": "prometheus", "static_configs": [{"targets": [f"localhost:{PORT}"]}]}


def _running() -> list[Manifest]:
    return [{**_keep(f"{_POD}_phase", "Pending|Succeeded|Failed"), "action": "drop"}]


def _labels() -> list[Manifest]:
    """Which pod told it: by its namespace, name, app and version."""
    return [
        _set("namespace", ["__meta_kubernetes_namespace"], "(.+)"),
        _set("pod", [f"{_POD}_name"], "(.+)"),
        _set("app", [f"{_POD}_label_app"], "(.+)"),
        _set("version", [f"{_POD}_label_version"], "(.+)"),
    ]


def _keep(label: str, regex: str) -> Manifest:
    return {"action": "keep", "source_labels": [label], "regex": regex}


def _set(target: str, sources: list[str], regex: str, replacement: str = "$1") -> Manifest:
    """`target` becomes the replacement where the sources, joined by `;`, match; otherwise it stays."""
    return {
        "action": "replace",
        "source_labels": sources,
        "regex": regex,
        "replacement": replacement,
        "target_label": target,
    }
