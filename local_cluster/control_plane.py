"""The processes of the control plane, each as the command that starts it. Starts nothing.

Kubernetes and etcd as upstream ships them; flags as they were measured to work without a container
engine. Source: kube-apiserver, kube-controller-manager, kube-scheduler, kube-proxy 1.36, etcd 3.6,
kwok 0.8 (`--help` of each).
"""

from dataclasses import dataclass, field
from pathlib import Path

from local_cluster.place import (
    ADDRESSES,
    API_ADDRESS,
    HOST_ADDRESS,
    NODE,
    PRETENDED_PODS,
    SERVICES,
    Place,
)

API_READY = "api ready"
"""What a process may wait for before it is started."""


@dataclass(frozen=True)
class Spec:
    """How one process is started."""

    name: str
    command: tuple[str, ...]
    inside: bool = True  # in the cluster's network namespace, else in the host's
    after: str | None = None  # what must hold first; None starts at once
    env: dict[str, str] = field(default_factory=dict)


def process_specs(
    place: Place, tools: Path, *, api_port: int, gateway_port: int, https_port: int
) -> tuple[Spec, ...]:
    """Every process of the cluster but the pods', in the order in which they are started."""
    gateway = {gateway_port: "loadbalancer:80", https_port: "loadbalancer:443"}
    return (
        _etcd(place, tools),
        _apiserver(place, tools),
        _forwarder(place, tools, {api_port: API_ADDRESS} | gateway),
        _controller_manager(place, tools),
        _scheduler(place, tools),
        _kwok(place, tools),
        _proxy(place, tools),
        _node_agent(place, tools),
    )


def _etcd(place: Place, tools: Path) -> Spec:
    client, peer = "http://127.0.0.1:2379", "http://127.0.0.1:2380"
    return Spec(
        "etcd",
        (
            str(tools / "etcd"),
            "--name=local",
            f"--data-dir={place.run_dir / 'etcd'}",
            f"--listen-client-urls={client}",
            f"--advertise-client-urls={client}",
            f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster=local={peer}",
            "--unsafe-no-fsync",  # nothing here outlives the machine
            "--log-level=warn",
        ),
    )


def _apiserver(place: Place, tools: Path) -> Spec:
    pki = place.pki_dir
    return Spec(
        "kube-apiserver",
        (
            *(str(tools / "kube"), "kube-apiserver"),
            "--etcd-servers=http://127.0.0.1:2379",
            "--bind-address=0.0.0.0",  # of the cluster's own network namespace
            "--secure-port=6443",
            f"--advertise-address={HOST_ADDRESS}",  # what the Service `kubernetes` leads pods to
            f"--tls-cert-file={pki / 'server.crt'}",
            f"--tls-private-key-file={pki / 'server.key'}",
            f"--client-ca-file={pki / 'ca.crt'}",
            f"--service-account-key-file={pki / 'sa.key'}",
            f"--service-account-signing-key-file={pki / 'sa.key'}",
            "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
            f"--service-cluster-ip-range={SERVICES}",
            "--authorization-mode=Node,RBAC",
            "--allow-privileged=true",
            "--enable-aggregator-routing=true",  # webhooks are called at pod addresses
        ),
    )


def _forwarder(place: Place, tools: Path, ports: dict[int, str]) -> Spec:
    """Ports of the host's loopback, and where each leads in the cluster."""
    return Spec(
        "forwarder",
        (
            *(str(tools / "node-agent"), "forward"),
            f"--netns={place.namespace}",
            f"--kubeconfig={place.inner_kubeconfig}",
            *(f"--listen=127.0.0.1:{port}={target}" for port, target in ports.items()),
        ),
        inside=False,
    )


def _controller_manager(place: Place, tools: Path) -> Spec:
    pki = place.pki_dir
    return Spec(
        "kube-controller-manager",
        (
            *(str(tools / "kube"), "kube-controller-manager"),
            f"--kubeconfig={place.inner_kubeconfig}",
            "--bind-address=127.0.0.1",
            "--secure-port=10257",
            "--leader-elect=false",
            f"--root-ca-file={pki / 'ca.crt'}",
            f"--service-account-private-key-file={pki / 'sa.key'}",
            f"--cluster-signing-cert-file={pki / 'ca.crt'}",
            f"--cluster-signing-key-file={pki / 'ca.key'}",
            "--controllers=*,-node-ipam-controller,-cloud-node-lifecycle-controller",
        ),
        after=API_READY,
    )


def _scheduler(place: Place, tools: Path) -> Spec:
    return Spec(
        "kube-scheduler",
        (
            *(str(tools / "kube"), "kube-scheduler"),
            f"--kubeconfig={place.inner_kubeconfig}",
            "--bind-address=127.0.0.1",
            "--secure-port=10259",
            "--leader-elect=false",
        ),
        after=API_READY,
    )


def _kwok(place: Place, tools: Path) -> Spec:
    return Spec(
        "kwok",
        (
            str(tools / "kwok"),
            f"--kubeconfig={place.inner_kubeconfig}",
            f"--config={place.run_dir / 'stages.yaml'}",
            "--manage-all-nodes=true",
            f"--cidr={PRETENDED_PODS}",
            f"--node-ip={HOST_ADDRESS}",
            "--node-name=kwok",
            "--node-port=10247",
            "--server-address=127.0.0.1:10247",
            f"--tls-cert-file={place.pki_dir / 'server.crt'}",
            f"--tls-private-key-file={place.pki_dir / 'server.key'}",
            "--node-lease-duration-seconds=40",
        ),
        after=API_READY,
    )


def _proxy(place: Place, tools: Path) -> Spec:
    return Spec(
        "kube-proxy",
        (
            *(str(tools / "kube"), "kube-proxy"),
            f"--kubeconfig={place.inner_kubeconfig}",
            "--proxy-mode=iptables",
            f"--hostname-override={NODE}",
            "--conntrack-max-per-core=0",  # these three belong to the whole machine
            "--conntrack-tcp-timeout-established=0s",
            "--conntrack-tcp-timeout-close-wait=0s",
            f"--cluster-cidr={ADDRESSES}",
            "--nodeport-addresses=127.0.0.0/8",
            "--bind-address=127.0.0.1",
        ),
        after=API_READY,
    )


def _node_agent(place: Place, tools: Path) -> Spec:
    return Spec(
        "node-agent",
        (
            *(str(tools / "node-agent"), "run"),
            f"--kubeconfig={place.inner_kubeconfig}",
            f"--node={NODE}",
            f"--run-dir={place.run_dir}",
            f"--name={place.namespace}",
            f"--images={place.images}",
            f"--bin={place.bin_dir}",
        ),
        inside=False,
        after=API_READY,
    )
