"""The manifests of the add-ons: what an operator would read with kubectl, and what none of them may do."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from mesh_canary.settings import AddonsSettings
from mesh_canary.workloads.addons import Addon, make_addons
from mesh_canary.workloads.addons.addon import CONFIG_NOTE
from mesh_canary.workloads.addons.dashboards import make_dashboards
from tests.golden import assert_golden

GOLDEN = Path(__file__).parent / "golden"
PASSWORD, KEY = "correct horse battery", "0123456789abcdef"
EVERY = {
    "domain": "demo.example",
    "prometheus": {"scrape_seconds": 5},
    "grafana": {"admin_password": PASSWORD, "expose": True},
    "kiali": {"signing_key": KEY},
    "tracing": {},
}


def made(**changes: Any) -> dict[str, Addon]:
    """The add-ons of a stack that has them all, with some keys changed, by name."""
    settings = AddonsSettings.model_validate({**EVERY, **changes})
    return {addon.name: addon for addon in make_addons(settings, "istio-system", "https")}


ADDONS = made()
JAEGER = made(tracing={"kind": "jaeger"})["tracing"]
every_addon = pytest.mark.parametrize("addon", [*ADDONS.values(), JAEGER], ids=[*ADDONS, "jaeger"])


def pod_of(addon: Addon) -> dict[str, Any]:
    template: dict[str, Any] = addon.deployment["spec"]["template"]
    return template


@pytest.mark.parametrize("name", [*ADDONS, "jaeger"])
def test_the_manifests_of_an_add_on(name: str) -> None:
    objects = list((JAEGER if name == "jaeger" else ADDONS[name]).objects)

    assert_golden(GOLDEN / f"{name}.yaml", yaml.safe_dump_all(_short(objects), sort_keys=False))


def _short(objects: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without the text of dashboards, which are looked at one by one below."""
    shortened = []
    for manifest in objects:
        data = manifest.get("data", {})
        cut = {k: "(a dashboard)" if k in _dashboard_files() else v for k, v in data.items()}
        shortened.append({**manifest, "data": cut} if data else manifest)
    return shortened


def _dashboard_files() -> set[str]:
    return {f"{name}.json" for name in make_dashboards()}


@every_addon
def test_what_runs_is_made_last(addon: Addon) -> None:
    assert [manifest["kind"] for manifest in addon.objects].index("Deployment") == (
        len(addon.objects) - 1
    )


@every_addon
def test_no_add_on_has_a_sidecar(addon: Addon) -> None:
    assert pod_of(addon)["metadata"]["labels"]["sidecar.istio.io/inject"] == "false"


@every_addon
def test_every_pod_is_within_the_restricted_pod_security_standard(addon: Addon) -> None:
    spec = pod_of(addon)["spec"]
    (container,) = spec["containers"]

    assert spec["securityContext"]["runAsNonRoot"]
    assert spec["securityContext"]["runAsUser"] > 0
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": True,
    }


@every_addon
def test_every_pod_is_probed_and_bounded(addon: Addon) -> None:
    (container,) = pod_of(addon)["spec"]["containers"]

    assert {"startupProbe", "readinessProbe", "livenessProbe"} <= container.keys()
    assert container["resources"]["limits"]["memory"]


@every_addon
def test_only_who_asks_the_api_server_has_a_token_for_it(addon: Addon) -> None:
    account = addon.name in {"prometheus", "kiali"}

    assert pod_of(addon)["spec"]["automountServiceAccountToken"] is account


@every_addon
def test_nobody_may_write_anywhere(addon: Addon) -> None:
    """Kiali asks whose token it was shown; that is a `create`, and writes nothing."""
    roles = [manifest for manifest in addon.objects if manifest["kind"] == "ClusterRole"]
    allowed = {
        (verb, resource)
        for role in roles
        for rule in role["rules"]
        for verb in rule["verbs"]
        for resource in rule["resources"]
        if verb not in {"get", "list", "watch"}
    }

    assert allowed <= {("create", "tokenreviews")}
    assert not any("secrets" in rule["resources"] for role in roles for rule in role["rules"])


@every_addon
def test_no_image_is_without_a_pinned_version(addon: Addon) -> None:
    (container,) = pod_of(addon)["spec"]["containers"]
    _, _, tag = container["image"].rpartition(":")

    assert tag
    assert tag != "latest"


@pytest.mark.parametrize(("name", "secret"), [("grafana", PASSWORD), ("kiali", KEY)])
def test_a_secret_stands_in_a_secret_and_nowhere_else(name: str, secret: str) -> None:
    holding = [m["kind"] for m in ADDONS[name].objects if secret in json.dumps(m)]

    assert holding == ["Secret"]


def test_another_key_makes_no_other_pod_template() -> None:
    """A hash of the key in the template would be there for everybody to guess at."""
    other = made(kiali={"signing_key": "fedcba9876543210"})["kiali"]

    assert pod_of(other) == pod_of(ADDONS["kiali"])


def test_other_settings_make_other_pods() -> None:
    other = made(prometheus={"scrape_seconds": 6})["prometheus"]
    notes = [
        pod_of(a)["metadata"]["annotations"][CONFIG_NOTE] for a in (other, ADDONS["prometheus"])
    ]

    assert notes[0] != notes[1]


def test_grafana_lets_nobody_in_without_the_password() -> None:
    (container,) = pod_of(ADDONS["grafana"])["spec"]["containers"]
    env = {entry["name"]: entry.get("value", entry.get("valueFrom")) for entry in container["env"]}

    assert env["GF_AUTH_ANONYMOUS_ENABLED"] == "false"
    assert env["GF_SECURITY_ADMIN_PASSWORD"] == {
        "secretKeyRef": {"name": "grafana", "key": "admin-password"}
    }
    assert env["GF_SERVER_ROOT_URL"] == "https://grafana.demo.example/"


def test_kiali_asks_for_a_token_and_may_only_look() -> None:
    (secret,) = [m for m in ADDONS["kiali"].objects if m["kind"] == "Secret"]
    config = json.loads(secret["stringData"]["config.yaml"])

    assert config["auth"] == {"strategy": "token"}
    assert config["deployment"]["view_only_mode"] is True
    assert config["login_token"] == {"signing_key": KEY}


def test_proxies_send_to_one_service_whichever_back_end_it_is() -> None:
    for addon in (ADDONS["tracing"], JAEGER):
        ports = {
            m["metadata"]["name"]: m["spec"]["ports"][0]["port"]
            for m in addon.objects
            if m["kind"] == "Service"
        }
        assert ports == {"zipkin": 9411, "tracing": 80}


@pytest.mark.parametrize("name", make_dashboards())
def test_a_dashboard_is_whole(name: str) -> None:
    dashboard = make_dashboards()[name]
    panels = dashboard["panels"]

    assert dashboard["title"]
    assert len(panels) == 4
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert all(target["expr"] for panel in panels for target in panel["targets"])
    assert not dashboard["editable"]


def test_the_dashboards_fit_into_one_object() -> None:
    """256 KiB is the least of the limits: what client-side apply can annotate."""
    (config,) = [
        m for m in ADDONS["grafana"].objects if m["metadata"]["name"] == "grafana-dashboards"
    ]

    assert set(config["data"]) == _dashboard_files()
    assert len(json.dumps(config)) < 256 * 1024
