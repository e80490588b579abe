"""Where a workload listens, and the Service in front of it.

A port's name tells a mesh its protocol by what stands before the first '-': http-5100, tcp-tds, tcp-amqp.
Source: Istio, protocol selection.
"""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from mesh_canary.settings.fields import PORT_NAME, Port, Settings

PortName = Annotated[str, StringConstraints(pattern=PORT_NAME)]
NodePort = Annotated[int, Field(strict=True, ge=30000, le=32767)]
ServiceType = Literal["ClusterIP", "NodePort", "LoadBalancer"]
HTTP = "http"
"""The name of the one port of a workload that has `port`."""
HTTP_NAMES = (HTTP, "http2", "grpc")
"""What stands before the first '-' in the name of a port for HTTP."""


class PortSettings(Settings):
    """One port of a Service, and the container's port behind it."""

    port: Port
    target: Port | None = None
    """The port that the container listens on; by default the Service's own number."""
    node_port: NodePort | None = None
    """The same on every node, for a Service of type NodePort or LoadBalancer; by default the cluster chooses."""

    @property
    def container_port(self) -> int:
        """Where the container listens."""
        return self.target or self.port
