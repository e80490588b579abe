"""Where everything of one clone's cluster lies: names, folders, addresses. Creates nothing."""

import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path

NODE = "local"
"""Name of the one Node."""

API_ADDRESS = "127.0.0.1:6443"
"""The API server, as seen inside the cluster's network namespace."""

HOST_ADDRESS = "10.99.0.1"
"""Address of the cluster's namespace towards its pods: their gateway and DNS server."""

ADDRESSES = "10.99.0.0/16"
"""The node, pods that are run here (10.99.2.x), pods that are left to KWOK (10.99.1.x)."""

PRETENDED_PODS = "10.99.1.0/24"
SERVICES = "10.96.0.0/16"

LOAD_BALANCERS = "10.98.0.0/16"
"""A LoadBalancer Service gets its cluster address with 10.98 for 10.96, which is unique."""


@dataclass(frozen=True)
class Place:
    """The folders and names that belong to the cluster of one clone."""

    clone: Path

    @property
    def id(self) -> str:
        """Eight hex digits that tell the clusters of two clones apart."""
        return hashlib.sha256(str(self.clone.resolve()).encode()).hexdigest()[:8]

    @property
    def namespace(self) -> str:
        """Network namespace of the control plane; those of pods have `-<number>` at the end."""
        return f"mc-{self.id}"

    @property
    def run_dir(self) -> Path:
        """All that running processes read and write. Open to uid 1337, as which proxies run."""
        recorded = self.clone_dir / "run"
        if recorded.is_symlink():  # TMPDIR may differ from what it was at `up`
            return recorded.readlink()
        return Path(tempfile.gettempdir()) / f"mesh-canary-{self.id}"

    @property
    def clone_dir(self) -> Path:
        """What the operator and the stack files see of the cluster."""
        return self.clone / ".local-cluster"

    @property
    def kubeconfig(self) -> Path:
        """For whoever is outside the cluster's namespace: pulumi, kubectl, istioctl."""
        return self.clone_dir / "kubeconfig"

    @property
    def inner_kubeconfig(self) -> Path:
        """For processes inside the cluster's namespace."""
        return self.run_dir / "kubeconfig"

    @property
    def images(self) -> Path:
        """Which image is run by which command; the node agent watches this file."""
        return self.clone_dir / "images.yaml"

    @property
    def bin_dir(self) -> Path:
        """Programs that the node agent starts, some of them as uid 1337."""
        return self.run_dir / "bin"

    @property
    def pki_dir(self) -> Path:
        """Certificates and keys of the control plane."""
        return self.run_dir / "pki"

    @property
    def log_dir(self) -> Path:
        """One log per process of the control plane."""
        return self.run_dir / "logs"

    @property
    def pods_dir(self) -> Path:
        """One folder per pod that the node agent runs, `<namespace>_<pod>`."""
        return self.run_dir / "pods"

    @property
    def pulumi_home(self) -> Path:
        """Pulumi's own folder: its plugins and the selected stacks."""
        return self.run_dir / "pulumi-home"

    @property
    def pulumi_state(self) -> Path:
        """Pulumi's backend: the states of the stacks on this cluster."""
        return self.clone_dir / "pulumi"


def this_clone() -> Path:
    """The clone that this package is part of."""
    return Path(__file__).resolve().parent.parent
