"""What the builder leaves in the cache, ready to be used: one folder per set of inputs."""

from dataclasses import dataclass
from pathlib import Path

PROVIDER_VERSION = "4.25.0"
"""What the provider calls itself; the Python package of this version asks for it."""


@dataclass(frozen=True)
class Toolset:
    """A complete set of tools that fit each other."""

    folder: Path

    @property
    def bin_dir(self) -> Path:
        """Programs to call by name."""
        return self.folder / "bin"

    @property
    def charts(self) -> Path:
        """Istio's Helm charts: base, istiod, gateway."""
        return self.folder / "charts"

    @property
    def kwok_stages(self) -> Path:
        """KWOK's stock stages, one file each."""
        return self.folder / "kwok-stages"

    @property
    def provider(self) -> Path:
        """Pulumi's Kubernetes provider. Not in `bin_dir`: found on PATH, it makes Pulumi warn."""
        return self.folder / "plugin" / "pulumi-resource-kubernetes"

    @property
    def provider_folder(self) -> str:
        """Name of the provider's folder below Pulumi's plugins."""
        return f"resource-kubernetes-v{PROVIDER_VERSION}"

    def pod_programs(self) -> dict[str, Path]:
        """What the node agent starts, by the name that it looks for."""
        names = ("envoy", "fortio", "pilot-agent", "pilot-discovery", "standin")
        programs = {name: self.bin_dir / name for name in names}
        return {**programs, "envoy_bootstrap_tmpl.json": self.folder / "envoy_bootstrap_tmpl.json"}
