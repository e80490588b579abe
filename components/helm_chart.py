"""Where a Helm chart comes from, and how its release is made: it waits until what it installs is ready.

Types of pulumi_kubernetes stand in quotes: it loads a group where it is named, and a stack without charts
needs none.
"""

from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

INSTALL_SECONDS = 300


class ChartSource(TypedDict):
    """A folder of charts, or a repository and a version of all charts in it."""

    charts: NotRequired[str]
    repository: NotRequired[str]
    version: NotRequired[str]


def chart_args(
    name: str, namespace: str, chart: str, source: ChartSource, values: pulumi.Input[dict[str, Any]]
) -> "k8s.helm.v3.ReleaseArgs":
    """A release of `chart` that is rolled back when it is not ready within INSTALL_SECONDS."""
    if "charts" in source:
        return k8s.helm.v3.ReleaseArgs(
            name=name,
            namespace=namespace,
            chart=f"{source['charts']}/{chart}",
            values=values,
            timeout=INSTALL_SECONDS,
            atomic=True,
        )
    return k8s.helm.v3.ReleaseArgs(
        name=name,
        namespace=namespace,
        chart=chart,
        version=source["version"],
        repository_opts=k8s.helm.v3.RepositoryOptsArgs(repo=source["repository"]),
        values=values,
        timeout=INSTALL_SECONDS,
        atomic=True,
    )
