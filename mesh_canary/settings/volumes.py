"""What is mounted into a pod: room for files, files of the stack file, files made of secrets."""

from typing import Annotated

from pydantic import Field, StringConstraints

from mesh_canary.settings.fields import FILE_NAME, K8sName, Quantity, SecretName, Settings, UrlPath
from mesh_canary.settings.problems import Problem

FileName = Annotated[str, StringConstraints(pattern=FILE_NAME)]


class VolumeSettings(Settings):
    """One volume: with `size` kept beyond its pod, with files read-only, else empty and the pod's own."""

    mount: UrlPath
    """Where it is seen in the container."""
    size: Quantity | None = None
    """Room that is kept when pods go, as a PersistentVolumeClaim; its data is lost with the app."""
    storage_class: K8sName | None = None
    """Of the claim; by default the cluster's own choice."""
    files: dict[FileName, str] = Field(default_factory=dict)
    """File name to text, kept in a ConfigMap."""
    secret_files: dict[FileName, SecretName] = Field(default_factory=dict)
    """File name to the name of a secret of the app (`secrets`), kept in a Secret."""

    def contradictions(self) -> list[Problem]:
        """One kind of content."""
        kinds = [key for key in ("size", "files", "secret_files") if getattr(self, key)]
        problems = []
        if len(kinds) > 1:
            rule = f"a volume holds one kind of thing: {' and '.join(kinds)} are given"
            problems.append(Problem("", "", rule, "make a volume of each"))
        if self.storage_class and not self.size:
            rule = "only room that is kept has one"
            hint = "leave it out, or say the size that is kept"
            problems.append(Problem("storage_class", self.storage_class, rule, hint))
        return problems
