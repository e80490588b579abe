"""The tracing back end: Zipkin or Jaeger, both in the memory of one pod, both told by proxies in Zipkin's format.

Proxies send to Service `zipkin`, whichever of the two it is; its page is at Service `tracing`. Jaeger listens on
loopback alone unless told otherwise. Source: Zipkin 3.5, zipkin-server/README; Jaeger 2.17, all-in-one configuration.
"""

from mesh_canary.settings.addons import TracingSettings
from mesh_canary.workloads.addons.addon import (
    Addon,
    Pod,
    Volume,
    make_deployment,
    make_service,
)

COLLECTOR = "zipkin"
"""The Service that proxies send to."""
COLLECTOR_PORT = 9411
PAGE = "tracing"
_TMP = Volume("tmp", "/tmp")
_PODS = {
    "zipkin": Pod(
        user=1000,
        port=COLLECTOR_PORT,
        health="/health",
        env=(
            {"name": "STORAGE_TYPE", "value": "mem"},
            # The newest 30,000 spans take about 100 MB; the image itself would give Java 32 MB.
            {"name": "MEM_MAX_SPANS", "value": "30000"},
            {"name": "JAVA_OPTS", "value": "-Xms64m -Xmx512m -XX:+ExitOnOutOfMemoryError"},
        ),
        volumes=(_TMP,),
        starts_within_seconds=180,
    ),
    "jaeger": Pod(
        user=10001,
        port=16686,
        health="/",
        env=({"name": "JAEGER_LISTEN_HOST", "value": "0.0.0.0"},),
        volumes=(_TMP,),
    ),
}


def make_tracing(namespace: str, settings: TracingSettings) -> Addon:
    """The chosen back end behind the two Services."""
    kind = settings.kind
    pod = _PODS[kind]
    objects = (
        make_service(namespace, COLLECTOR, kind, COLLECTOR_PORT, COLLECTOR_PORT),
        make_service(namespace, PAGE, kind, 80, pod.port),
        make_deployment(namespace, kind, settings, pod),
    )
    return Addon("tracing", objects, PAGE, 80)
