"""A cluster that is up: where to reach it, and the environment in which commands speak to it."""

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from local_cluster import processes
from local_cluster.place import Place
from local_cluster.tools.toolset import Toolset


@dataclass(frozen=True)
class Cluster:
    """What whoever uses the cluster has to know. The ports are on the host's 127.0.0.1."""

    place: Place
    tools: Toolset
    api_port: int
    gateway_port: int  # leads to port 80 of the first LoadBalancer Service that has one
    https_port: int  # leads to port 443 of the first LoadBalancer Service that has one

    @property
    def kubeconfig(self) -> Path:
        """Context `local`, usable from anywhere on this machine."""
        return self.place.kubeconfig

    @property
    def run_dir(self) -> Path:
        """Logs, certificates, state of the pods."""
        return self.place.run_dir

    @property
    def gateway_url(self) -> str:
        """The gateway from the host, without a slash at the end."""
        return f"http://127.0.0.1:{self.gateway_port}"

    @property
    def gateway_https_url(self) -> str:
        """The gateway's HTTPS from the host; which certificate it shows depends on the name that is asked for."""
        return f"https://127.0.0.1:{self.https_port}"

    @property
    def env(self) -> dict[str, str]:
        """A complete environment for pulumi, kubectl, istioctl and programs that call them."""
        return {**os.environ, **self.variables}

    @property
    def variables(self) -> dict[str, str]:
        """What `env` adds to the environment."""
        python = Path(sys.executable).parent
        path = [str(python), str(self.tools.bin_dir), os.environ.get("PATH", "/usr/bin:/bin")]
        return {
            "KUBECONFIG": str(self.kubeconfig),
            "PATH": os.pathsep.join(path),
            "VIRTUAL_ENV": str(python.parent),
            "PYTHONDONTWRITEBYTECODE": "",  # compiling the program anew costs every run of it
            # Without the side files that are written in place: one half-written locks the stack.
            "PULUMI_BACKEND_URL": f"file://{self.place.pulumi_state}?metadata=skip",
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_HOME": str(self.place.pulumi_home),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_PYTHON_CMD": sys.executable,
        }


def record_cluster(cluster: Cluster) -> None:
    """The next command finds the cluster by what is written here."""
    facts = {
        "tools": str(cluster.tools.folder),
        "api_port": cluster.api_port,
        "gateway_port": cluster.gateway_port,
        "https_port": cluster.https_port,
    }
    draft = cluster.run_dir / "cluster.draft"
    draft.write_text(json.dumps(facts))
    draft.rename(cluster.run_dir / "cluster.json")


def find_cluster(place: Place) -> Cluster | None:
    """The cluster that an `up` of this clone recorded, whether its processes live or not."""
    try:
        facts = json.loads((place.run_dir / "cluster.json").read_text())
        ports = facts["api_port"], facts["gateway_port"], facts["https_port"]
        return Cluster(place, Toolset(Path(facts["tools"])), *ports)
    except (OSError, ValueError, KeyError):  # none, or one of an earlier version of this package
        return None


def records_dir(place: Place) -> Path:
    """One file per process of the control plane."""
    return place.run_dir / "processes"


def cluster_processes(place: Place) -> dict[str, processes.Process]:
    """The processes of the control plane by name, alive or not."""
    return processes.recorded(records_dir(place))
