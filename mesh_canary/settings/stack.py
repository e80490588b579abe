"""The root of a stack's settings: read from raw values, or refused with everything that is wrong at once."""

from collections.abc import Mapping

from pydantic import Field, ValidationError

from mesh_canary.settings.addons import AddonsSettings
from mesh_canary.settings.apps import AppSettings
from mesh_canary.settings.cluster import ClusterSettings
from mesh_canary.settings.errors import problems_of
from mesh_canary.settings.fields import K8sName, Secret, SecretName, Settings
from mesh_canary.settings.gateway import EgressGatewaySettings, GatewaySettings
from mesh_canary.settings.load_tests import LoadTestSettings
from mesh_canary.settings.mesh import MeshSettings
from mesh_canary.settings.partial import check_what_is_left
from mesh_canary.settings.parts import Parts
from mesh_canary.settings.problems import Contradiction, Problem
from mesh_canary.settings.release import ReleaseSettings
from mesh_canary.settings.rules import check_parts
from mesh_canary.settings.rules_secrets import check_encrypted
from mesh_canary.settings.secrets import without_secrets
from mesh_canary.settings.tags import TagKey, TagValue


class StackSettings(Settings):
    """Everything one Pulumi stack holds: a whole environment, or one team's releases on what others set up."""

    cluster: ClusterSettings
    mesh: MeshSettings | None = None
    gateway: GatewaySettings | None = None
    egress_gateway: EgressGatewaySettings | None = None
    addons: AddonsSettings | None = None
    apps: dict[K8sName, AppSettings] = Field(default_factory=dict)
    releases: dict[K8sName, ReleaseSettings] = Field(default_factory=dict)
    secrets: dict[K8sName, dict[SecretName, Secret]] = Field(default_factory=dict)
    """By app and name; encrypted in the stack file."""
    tags: dict[TagKey, TagValue] = Field(default_factory=dict)
    """Labels and annotations of every pod and object of ours."""
    load_tests: dict[K8sName, LoadTestSettings] = Field(default_factory=dict)

    def contradictions(self) -> list[Problem]:
        """The parts fit together."""
        return check_parts(
            Parts(
                self.mesh,
                self.gateway,
                self.apps,
                self.releases,
                addons=self.addons,
                egress_gateway=self.egress_gateway,
                secrets=self.secrets,
                load_tests=self.load_tests,
            )
        )

    def secrets_of(self, app: str) -> dict[str, str]:
        """The secrets of an app in plain text, by name."""
        return {name: s.get_secret_value() for name, s in self.secrets.get(app, {}).items()}

    def app_of(self, release: ReleaseSettings) -> tuple[str, AppSettings]:
        """Name and settings of the app whose workload `release` is about."""
        return next(
            (name, app)
            for name, app in self.apps.items()
            if app.namespace == release.namespace and release.service in app.workload_names
        )


def read_settings(
    raw: Mapping[str, object], secret_keys: frozenset[str] = frozenset()
) -> StackSettings:
    """The settings that `raw` (top-level config key to value) describes.

    Raises Contradiction with every problem at once. Values below a key of `secret_keys` are never quoted.
    """
    values = {key: _with_default_kind(key, value) for key, value in raw.items()}
    found = check_encrypted(values, secret_keys)
    try:
        settings = StackSettings.model_validate(values)
    except ValidationError as error:
        found += [*problems_of(error, StackSettings, values), *check_what_is_left(values)]
    else:
        if not found:
            return settings
    raise Contradiction(*without_secrets(dict.fromkeys(found), values, secret_keys))


def _with_default_kind(key: str, value: object) -> object:
    """An app called bookinfo is Bookinfo, unless the stack file says otherwise."""
    if key != "apps" or not isinstance(value, dict) or not isinstance(value.get("bookinfo"), dict):
        return value
    return {**value, "bookinfo": {"kind": "bookinfo", **value["bookinfo"]}}
