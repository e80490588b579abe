"""Envoy's own statistics, for proxies that do not write Istio's metrics: figures per subset, in the calling proxy.

A subset's cluster is named outbound|9080|v2|reviews.bookinfo.svc.cluster.local, with a `;` behind it in the proxy's own
list. What Envoy calls upstream_rq_5xx is upstream_rq with response_code_class="5xx" here: Istio's bootstrap makes a
label of it. A request that no pod answered counts as the 503 or 504 that its caller got. Requests without a subset in
their route do not show. Copies of mirrored requests count as requests of the version that gets them: they go through
the same cluster. Proxies keep these figures only where they are told to (`PROXY_STATS`), from their start on.
Source: Envoy 1.40, Cluster manager statistics; Istio 1.31, envoy_bootstrap.json.
"""

from mesh_canary.metrics.source import MetricsSource, Target
from mesh_canary.routing import names

PROXY_STATS = {
    "inclusionRegexps": [
        r"cluster\.outbound\|[0-9]+\|[^|]+\|[^;]+;?\.upstream_"
        r"(rq_([1-5]xx|time)|cx_destroy_local_with_active_rq)"
    ]
}
"""`proxyStatsMatcher`: what proxies keep besides their usual figures, of clusters that are a subset and of no other:
answers by class, their times, and requests that the caller gave up, which are neither: over HTTP/1.1 their connection
is closed with the request on it (upstream_cx_destroy_local_with_active_rq; upstream_rq_tx_reset stays 0, measured)."""


def _select(target: Target) -> str:
    """The clusters of the service's subsets, as the text of a PromQL string."""
    host = names.host_of(target.service, target.namespace).replace(".", r"\\.")
    return rf'cluster_name=~"outbound\\|{target.port}\\|[^|]+\\|{host}"'


ENVOY = MetricsSource(
    name="envoy",
    counter="envoy_cluster_upstream_rq",
    histogram="envoy_cluster_upstream_rq_time",
    label="cluster_name",
    pattern=r"outbound\\|[0-9]+\\|([^|]+)\\|.*",
    answered='response_code_class!=""',
    failed='response_code_class="5xx"',
    select=_select,
    spell=names.subset_name,
)
