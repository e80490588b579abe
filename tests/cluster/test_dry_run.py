"""A real API server, with real schemas and the real webhooks of Istio, accepts every object, and warns of none."""

import json
from base64 import b64encode
from collections.abc import Iterator

import httpx
import pytest

from demo.kube import Kube
from demo.scenarios import SCENARIOS
from tests.certificates import a_pair
from tests.cluster.conftest import Environment
from tests.cluster.stack import wait_until
from tests.components.states import (
    Manifest,
    describe,
    objects_of_example,
    objects_of_walk,
)
from tests.examples import EXAMPLES

_APPLY = {"Content-Type": "application/apply-patch+yaml"}
_DRY = {"fieldManager": "dry-run", "force": "true", "dryRun": "All", "fieldValidation": "Strict"}

Paths = dict[tuple[str, str], tuple[str, bool]]

NAMES = [*(path.stem for path in EXAMPLES), *(f"walk of {name}" for name in SCENARIOS)]
_PREFIX = "dry-"
"""Of the namespaces in which objects are tried, so that none is there already."""


def objects_of(name: str) -> tuple[Manifest, ...]:
    """The objects of an example, or of any state of a walk."""
    examples = {path.stem: path for path in EXAMPLES}
    if name in examples:
        return objects_of_example(examples[name])
    return objects_of_walk(name.removeprefix("walk of "))


@pytest.fixture(scope="module")
def paths(kube: Kube) -> Paths:
    """Where objects of a kind are, and whether in a namespace, by API version and kind."""
    found = {}
    groups = (kube.get("/apis") or {})["groups"]
    versions = [version["groupVersion"] for group in groups for version in group["versions"]]
    for version in ["v1", *versions]:
        prefix = f"/apis/{version}" if "/" in version else f"/api/{version}"
        for resource in (kube.get(prefix) or {})["resources"]:
            if "/" not in resource["name"]:
                place = f"{prefix}/{{}}{resource['name']}"
                found[version, resource["kind"]] = (place, resource["namespaced"])
    return found


@pytest.fixture(scope="module")
def namespaces(shared: Environment, kube: Kube) -> Iterator[None]:
    """Istio is there, and for every namespace that any object names there is one to try it in."""
    named = {m["metadata"].get("namespace") for name in NAMES for m in objects_of(name)}
    made = sorted(f"{_PREFIX}{namespace}" for namespace in named - {None})
    for name in made:
        manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        answer = kube.client.post("/api/v1/namespaces", json=manifest)
        assert answer.is_success or answer.status_code == httpx.codes.CONFLICT, answer.text
    yield
    for name in made:
        kube.client.delete(f"/api/v1/namespaces/{name}").raise_for_status()
    for name in made:
        wait_until(f"{name} is gone", lambda name=name: not kube.get(f"/api/v1/namespaces/{name}"))


@pytest.mark.usefixtures("namespaces")
@pytest.mark.parametrize("name", NAMES)
def test_every_object_is_accepted_without_a_warning(name: str, kube: Kube, paths: Paths) -> None:
    said = {describe(m): answer for m in objects_of(name) if (answer := _try(m, kube, paths))}

    assert said == {}


@pytest.mark.usefixtures("namespaces")
@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        (
            {
                "apiVersion": "networking.istio.io/v1",
                "kind": "VirtualService",
                "spec": {
                    "hosts": ["any"],
                    "http": [{"route": [{"destination": {"host": "any"}, "weight": -5}]}],
                },
            },
            "denied the request",
        ),
        ({"apiVersion": "v1", "kind": "Endpoints"}, "deprecated"),
        (
            {"apiVersion": "v1", "kind": "Service", "spec": {"prots": []}},
            "field not declared in schema",
        ),
    ],
    ids=["webhook", "warning", "schema"],
)
def test_what_is_wrong_would_be_seen(
    manifest: Manifest, said: str, kube: Kube, paths: Paths
) -> None:
    named = (m["metadata"].get("namespace") for m in objects_of(NAMES[0]))
    metadata = {"name": "any", "namespace": next(filter(None, named))}

    assert said in _try({**manifest, "metadata": metadata}, kube, paths)


def _with_real_pair(manifest: Manifest) -> Manifest:
    """A Secret for TLS with a certificate that is one: a run against the recorder has made up words for it."""
    if manifest.get("type") != "kubernetes.io/tls":
        return manifest
    pair = dict(zip(("tls.crt", "tls.key"), a_pair(), strict=True))
    encoded = {name: b64encode(text.encode()).decode() for name, text in pair.items()}
    rest = {key: value for key, value in manifest.items() if key not in ("data", "stringData")}
    return {**rest, "data": {**manifest.get("data", {}), **encoded}}


def _try(manifest: Manifest, kube: Kube, paths: Paths) -> str:
    """What the API server has against an object that it is only asked about; empty: nothing."""
    place, namespaced = paths[manifest["apiVersion"], manifest["kind"]]
    metadata = manifest["metadata"]
    namespace = f"{_PREFIX}{metadata['namespace']}" if namespaced else ""
    if namespaced:
        manifest = {**manifest, "metadata": {**metadata, "namespace": namespace}}
    body = _with_real_pair(manifest)
    within = f"namespaces/{namespace}/" if namespaced else ""
    url = f"{place.format(within)}/{metadata['name']}"
    answer = kube.client.patch(url, content=json.dumps(body), headers=_APPLY, params=_DRY)
    warnings = answer.headers.get_list("warning")
    return "; ".join([*([answer.text[:400]] if answer.is_error else []), *warnings])
