"""Istio's standard metrics, which Istio's own proxies write: requests by the version that answered them.

The caller's side is asked (`reporter="source"`): it sees requests that no pod got, and no copies of mirrored requests.
Callers without a sidecar do not show. Durations are in milliseconds. Source: Istio 1.31, Standard Metrics.
"""

from mesh_canary.metrics.source import MetricsSource, Target


def _select(target: Target) -> str:
    return (
        f'reporter="source",destination_service_namespace="{target.namespace}"'
        f',destination_service_name="{target.service}"'
    )


def _spell(version: str) -> str:
    """The pod's own label `version`, whatever is in it."""
    return version


ISTIO = MetricsSource(
    name="istio",
    counter="istio_requests_total",
    histogram="istio_request_duration_milliseconds",
    label="destination_version",
    pattern="(.+)",
    answered="",
    failed='response_code=~"5.."',
    select=_select,
    spell=_spell,
)
