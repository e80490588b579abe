"""Where the program works."""

from mesh_canary.settings.fields import Settings, Text


class ClusterSettings(Settings):
    """Which cluster the stack is for: a context of a kubeconfig."""

    context: Text
    kubeconfig: Text = "~/.kube/config"
    """Path of the kubeconfig; a relative one starts at the folder of Pulumi.yaml."""
