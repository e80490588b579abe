"""What Prometheus knows of a release, asked through one source per data plane. Pure: queries out, answers in."""

from mesh_canary.metrics.envoy import ENVOY
from mesh_canary.metrics.istio import ISTIO
from mesh_canary.metrics.source import MetricsSource, Target, read_by_version

SOURCES = {source.name: source for source in (ISTIO, ENVOY)}
"""Every metrics source, by its name."""

__all__ = ["ENVOY", "ISTIO", "SOURCES", "MetricsSource", "Target", "read_by_version"]
