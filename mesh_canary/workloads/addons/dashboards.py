"""Our own Grafana dashboards, as data: a release by version, a service, the mesh and its control plane.

The queries by version are those of the metrics sources, with Grafana's variables in place of names: what a dashboard
shows is what a program that asks Prometheus gets.
Source: Grafana 12, dashboard JSON model; Istio 1.31, Standard Metrics.
"""

from mesh_canary.metrics import ENVOY, ISTIO, MetricsSource, Target
from mesh_canary.routing.route import Manifest

DATA_SOURCE = "prometheus"
"""uid of the one data source."""
WINDOW_SECONDS = 60
_SERVICE = Target("$namespace", "$service", "$port")
_WIDTH, _HEIGHT, _IN_ROW = 12, 8, 2
Panel = tuple[str, str, tuple[tuple[str, str], ...]]
"""Title, unit, and queries each with the legend of its lines."""


def make_dashboards() -> dict[str, Manifest]:
    """Every dashboard by the name of its file."""
    return {
        "releases": _dashboard("releases", "Releases", _by_version(ISTIO), _service_variables()),
        "releases-envoy": _dashboard(
            "releases-envoy",
            "Releases, by the proxies' own figures",
            _by_version(ENVOY),
            (
                _typed("namespace", "bookinfo"),
                _typed("service", "reviews"),
                _typed("port", "9080"),
            ),
        ),
        "service": _dashboard("service", "Service", _of_service(), _service_variables()),
        "mesh": _dashboard("mesh", "Mesh", _of_mesh(), ()),
        "control-plane": _dashboard("control-plane", "Control plane", _of_istiod(), ()),
    }


def _by_version(source: MetricsSource) -> tuple[Panel, ...]:
    legend = "{{version}}"
    rate = source.rate(_SERVICE, WINDOW_SECONDS)
    shares = f"{rate} / scalar(sum({rate}))"
    quantiles = tuple(
        (source.latency(_SERVICE, WINDOW_SECONDS, share), f"p{share * 100:g} {legend}")
        for share in (0.5, 0.95, 0.99)
    )
    return (
        ("Requests a second, by version", "reqps", ((rate, legend),)),
        ("Share of requests, by version", "percentunit", ((shares, legend),)),
        (
            "Share answered with 5xx, by version",
            "percentunit",
            ((source.failures(_SERVICE, WINDOW_SECONDS), legend),),
        ),
        ("Duration, by version", "ms", quantiles),
    )


def _requests(where: str, by: str, reporter: str = "source") -> str:
    labels = ",".join(filter(None, (f'reporter="{reporter}"', where)))
    return f"sum by ({by}) (rate(istio_requests_total{{{labels}}}[{WINDOW_SECONDS}s]))"


def _of_service() -> tuple[Panel, ...]:
    where = 'destination_service_namespace="$namespace",destination_service_name="$service"'
    buckets = f'istio_request_duration_milliseconds_bucket{{reporter="source",{where}}}'
    durations = tuple(
        (
            f"histogram_quantile({share}, sum by (le) (rate({buckets}[{WINDOW_SECONDS}s])))",
            f"p{share * 100:g}",
        )
        for share in (0.5, 0.95, 0.99)
    )
    return (
        (
            "Requests a second, by caller",
            "reqps",
            ((_requests(where, "source_workload"), "{{source_workload}}"),),
        ),
        (
            "Requests a second, by status",
            "reqps",
            ((_requests(where, "response_code"), "{{response_code}}"),),
        ),
        ("Duration", "ms", durations),
        (
            "Requests a second that no pod answered, by Envoy's flag",
            "reqps",
            ((_requests(f'{where},response_flags!="-"', "response_flags"), "{{response_flags}}"),),
        ),
    )


def _of_mesh() -> tuple[Panel, ...]:
    by = "destination_service_name"
    failed = _requests('response_code=~"5.."', by)
    secured = _requests("", "connection_security_policy", reporter="destination")
    return (
        ("Requests a second, by service", "reqps", ((_requests("", by), f"{{{{{by}}}}}"),)),
        ("Requests a second with 5xx, by service", "reqps", ((failed, f"{{{{{by}}}}}"),)),
        (
            "Requests a second, by mutual TLS or not",
            "reqps",
            ((secured, "{{connection_security_policy}}"),),
        ),
        (
            "Pods that are read",
            "short",
            (('count by (app) (up{job=~"pods|proxies"} == 1)', "{{app}}"),),
        ),
    )


def _of_istiod() -> tuple[Panel, ...]:
    heard = f"histogram_quantile(0.99, sum by (le) (rate(pilot_proxy_convergence_time_bucket[{WINDOW_SECONDS}s])))"
    return (
        ("Proxies that are connected", "short", (("sum(pilot_xds)", "proxies"),)),
        (
            "Pushes a second, by kind",
            "ops",
            ((f"sum by (type) (rate(pilot_xds_pushes[{WINDOW_SECONDS}s]))", "{{type}}"),),
        ),
        ("Until proxies have heard, 99 % of changes", "s", ((heard, "p99"),)),
        (
            "Rejected: by proxies, and at validation",
            "short",
            (
                ("sum(pilot_total_xds_rejects)", "rejected by proxies"),
                ("sum(galley_validation_failed)", "rejected at validation"),
            ),
        ),
    )


def _dashboard(
    uid: str, title: str, panels: tuple[Panel, ...], variables: tuple[Manifest, ...]
) -> Manifest:
    return {
        "uid": f"mesh-canary-{uid}",
        "title": title,
        "tags": ["mesh-canary"],
        "editable": False,
        "schemaVersion": 39,
        "refresh": "15s",
        "time": {"from": "now-30m", "to": "now"},
        "templating": {"list": list(variables)},
        "panels": [_panel(number, panel) for number, panel in enumerate(panels)],
    }


def _panel(number: int, panel: Panel) -> Manifest:
    title, unit, queries = panel
    row, column = divmod(number, _IN_ROW)
    source = {"type": "prometheus", "uid": DATA_SOURCE}
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": title,
        "datasource": source,
        "gridPos": {"x": column * _WIDTH, "y": row * _HEIGHT, "w": _WIDTH, "h": _HEIGHT},
        "fieldConfig": {"defaults": {"unit": unit, "min": 0}, "overrides": []},
        "targets": [
            {
                "refId": chr(ord("A") + index),
                "datasource": source,
                "expr": query,
                "legendFormat": legend,
            }
            for index, (query, legend) in enumerate(queries)
        ],
    }


def _service_variables() -> tuple[Manifest, ...]:
    metric = "istio_requests_total"
    service = f'{metric}{{destination_service_namespace="$namespace"}}, destination_service_name'
    return (
        _queried("namespace", f"label_values({metric}, destination_service_namespace)"),
        _queried("service", f"label_values({service})"),
    )


def _queried(name: str, query: str) -> Manifest:
    source = {"type": "prometheus", "uid": DATA_SOURCE}
    return {"name": name, "type": "query", "datasource": source, "query": query, "refresh": 2}


def _typed(name: str, value: str) -> Manifest:
    """A variable that is typed in, for figures whose labels do not list the values."""
    return {"name": name, "type": "textbox", "query": value}
