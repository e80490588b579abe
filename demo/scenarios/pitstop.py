"""Pitstop: its customer API from 1.0 to 2.0 while forms write and a load test runs; faults, access, and off again."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import httpx

from demo.kube import Manifest
from demo.pitstop import (
    CUSTOMERS,
    CUSTOMERS_PAGE,
    HOST,
    NAMESPACE,
    NO_API_ERRORS,
    TESTER,
    VEHICLES_PAGE,
    WEBAPP,
    calls_since,
    forms,
    store,
)
from demo.scene import Check, Finding, Scene
from demo.secrecy import keeps_to_itself
from demo.stack_file import GONE
from demo.statistics import acceptance_region, display_interval, sample_size
from demo.story import Chapter, Edits, Story

_API = CUSTOMERS.name
_IMAGE = "docker.io/pitstop/customermanagementapi"
_PASSWORD = "Made-up-4-the-walk"
_SECRETS = {
    "secrets.pitstop.sa_password": _PASSWORD,
    "secrets.pitstop.sandbox": f"server=sqlserver;user id=sa;password={_PASSWORD};database=Sandbox",
    "secrets.pitstop.rabbitmq_password": "Made-up-2-the-walk",
    "secrets.pitstop.seq_admin_password": "Made-up-3-the-walk",
}
_CHECKS = 3
"""Shares that are judged by chance: 10 %, 50 %, and the faults."""
_FAULT_PERCENT = 25
_LOAD_MINUTES = 1
_LOAD_RATE = 10.0
_FIRST = ("sqlserver", "rabbitmq", "logserver", "mailserver")
_WORKERS = (
    "auditlogservice",
    "invoiceservice",
    "notificationservice",
    "timeservice",
    "workshopmanagementeventhandler",
)


def _ready_at(pod: Manifest) -> datetime:
    (ready,) = [c for c in pod["status"]["conditions"] if c["type"] == "Ready"]
    return datetime.fromisoformat(ready["lastTransitionTime"])


def _pod_of(scene: Scene, app: str) -> Manifest:
    (pod,) = scene.kube.pods(NAMESPACE, app).values()
    return pod


def _started_at(pod: Manifest, container: str) -> datetime:
    (status,) = [s for s in pod["status"]["containerStatuses"] if s["name"] == container]
    return datetime.fromisoformat(status["state"]["running"]["startedAt"])


def _look_at_the_order(scene: Scene) -> Finding:
    """No worker began before the broker took connections; nobody was made before what it needs was ready."""
    ready = {name: _ready_at(_pod_of(scene, name)) for name in _FIRST}
    made = {
        pod["metadata"]["labels"]["app"]: datetime.fromisoformat(
            pod["metadata"]["creationTimestamp"]
        )
        for pod in scene.kube.pods(NAMESPACE).values()
    }
    others = (*_WORKERS, _API, "vehiclemanagementapi", "workshopmanagementapi", WEBAPP)
    wrong = [
        f"{name} was made before {needed} was ready"
        for name in others
        for needed in _FIRST
        if made[name] < ready[needed]
    ]
    wrong += [
        f"{name} began before rabbitmq was ready"
        for name in _WORKERS
        if _started_at(_pod_of(scene, name), name) < ready["rabbitmq"]
    ]
    began = min(made[name] for name in others)
    said = f"{', '.join(_FIRST)} ready by {max(ready.values()):%X}, the others from {began:%X} on"
    return Finding(said, tuple(wrong))


def _look_at_the_sidecars(scene: Scene) -> Finding:
    pods = scene.kube.pods(NAMESPACE).values()
    with_one = sorted(pod["metadata"]["labels"]["app"] for pod in pods if _has_sidecar(pod))
    intended = sorted(scene.file.value_at("apps.pitstop.sidecars"))
    wrong = () if with_one == intended else (f"{intended} are intended",)
    return Finding(f"{len(with_one)} of {len(pods)} pods: {', '.join(with_one)}", wrong)


def _has_sidecar(pod: Manifest) -> bool:
    spec = pod["spec"]
    return any(
        c["name"] == "istio-proxy" for c in (*spec["containers"], *spec.get("initContainers", ()))
    )


def _selects(*keys: str) -> Check:
    """What the Service of the API selects by."""

    def look(scene: Scene) -> Finding:
        service = scene.kube.get(f"/api/v1/namespaces/{NAMESPACE}/services/{_API}") or {}
        selector = service["spec"]["selector"]
        wrong = () if sorted(selector) == sorted(keys) else (f"{' and '.join(keys)} is intended",)
        return Finding(", ".join(f"{k}={v}" for k, v in sorted(selector.items())), wrong)

    return Check("selector", look)


def _look_at_the_load(scene: Scene) -> Finding:
    """The load test has come to its end by itself, and every page answered as often as it was asked."""
    path = f"/apis/batch/v1/namespaces/{NAMESPACE}/jobs/load-test-pitstop"
    deadline = time.monotonic() + _LOAD_MINUTES * 60
    while not ((job := scene.kube.get(path)) and job.get("status", {}).get("succeeded")):
        if time.monotonic() > deadline:
            return Finding("still running", ("it has to end by itself",))
        time.sleep(0.5)
    pods = scene.cluster.place.pods_dir
    logs = {
        log.stem: log.read_text() for log in pods.glob(f"{NAMESPACE}_load-test-pitstop-*/*.log")
    }
    codes = {page: re.findall(r"^Code +(-?\d+) : (\d+)", text, re.M) for page, text in logs.items()}
    wrong = [
        f"{page}: {found}" for page, found in codes.items() if [c for c, _ in found] != ["200"]
    ]
    if len(codes) != len(scene.file.value_at("load_tests.pitstop.pages")):
        wrong.append(f"results of {len(codes)} pages")
    answered = {page: sum(int(n) for _, n in found) for page, found in codes.items()}
    return Finding(
        f"ended by itself; 200 for {', '.join(f'{p} {n}' for p, n in sorted(answered.items()))}",
        tuple(wrong),
    )


def _look_at_the_faults(scene: Scene) -> Finding:
    """A quarter of the API's calls fail, exactly judged, and no page of them says so by its status."""
    calls_since(scene)
    # Every call that fails is made again: so many views make as many calls as the judgement needs.
    views = sample_size(_FAULT_PERCENT, _CHECKS) * (100 - _FAULT_PERCENT) // 100
    with httpx.Client(
        base_url=scene.cluster.gateway_url, headers={"Host": HOST}, timeout=10, trust_env=False
    ) as browser:

        def view(_: int) -> httpx.Response:
            return browser.get(VEHICLES_PAGE.path)

        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(view, range(views)))
    calls = calls_since(scene)["vehicles"]
    failed_pages = sum(not answer.is_success for answer in answers)
    offline = sum("closed for the moment" in answer.text for answer in answers)
    region = acceptance_region(_FAULT_PERCENT, calls.made, _CHECKS)
    low, high = display_interval(calls.failed, calls.made)
    said = (
        f"{calls.failed} of {calls.made} calls failed ({low:.1f} to {high:.1f} %) for {views} views;"
        f" {failed_pages} views failed, {offline} showed the Offline page with status 200"
    )
    wrong = []
    if calls.failed not in region:
        wrong.append(f"{_FAULT_PERCENT} % are {region.least} to {region.most}")
    if failed_pages:
        wrong.append("the page hides every failure")
    return Finding(said, tuple(wrong))


def _look_at_access(scene: Scene) -> Finding:
    """The page gets its customers, another caller with a sidecar gets 403."""
    sent = scene.inside(NAMESPACE).send_from_client(CUSTOMERS.url, 20, "demo-access")
    wrong = () if sent.by_status == {"403": 20} else ("only the web app may call",)
    return Finding(f"the client pod calls the API: {sent.by_status}", wrong)


def _look_at_the_sandbox(scene: Scene) -> Finding:
    """What is written by way of the dark version is in its own database, and in no other."""
    before = store(scene)["CustomerManagement"]["Customer"]
    inside = scene.inside(NAMESPACE)
    url = f"http://{inside.pod(_API, '2.1').address}:{CUSTOMERS.port}{CUSTOMERS.own_path}"
    row = '{"customerId": "dark-1", "name": "Nobody", "city": "Delft"}'
    sent = inside.send_from_client(url, 1, "demo-sandbox", method="POST", body=row)
    after = store(scene)
    own = after.get("Sandbox", {}).get("Customer", 0)
    users = after["CustomerManagement"]["Customer"] - before
    wrong = () if (sent.failed, own, users) == (0, 1, 0) else ("one in its own is intended",)
    return Finding(f"1 customer by 2.1: {own} in its own database, {users} in the users'", wrong)


def _gone_but_the_mesh(scene: Scene) -> Finding:
    """Nothing of the app is left; mesh and gateway run as before."""
    left = scene.kube.get(f"/api/v1/namespaces/{NAMESPACE}")
    istiod = scene.kube.deployments("istio-system", "istiod")
    gateway = scene.kube.items("/apis/apps/v1/namespaces/istio-ingress/deployments")
    kept = [item["metadata"]["name"] for item in (*istiod.values(), *gateway)]
    wrong = [] if left is None else ["the namespace pitstop is still there"]
    wrong += [] if len(kept) > 1 else ["mesh and gateway have to stay"]
    return Finding(f"no namespace pitstop; {' and '.join(kept)} run", tuple(wrong))


def _version(version: str, **more: Any) -> dict[str, Any]:
    return {"version": version, "image": f"{_IMAGE}:{version}", **more}


_LOAD: Edits = {
    "load_tests.pitstop.pace": "fast",
    "load_tests.pitstop.requests_per_second": _LOAD_RATE,
    "load_tests.pitstop.minutes": _LOAD_MINUTES,
    "load_tests.pitstop.running": True,
}

_UP = (
    Chapter("forms", checks=(forms(1), NO_API_ERRORS)),
    Chapter(
        "load test; dark",
        {"stage": "dark", "testers": GONE},  # for testers the Service would select both at once
        {"1.0": 100, "2.0": 0},
        called_directly="2.0",
        edits=_LOAD,
        checks=(_selects("app", "version"), NO_API_ERRORS),
    ),
    Chapter(
        "mirror 100",
        {"stage": "mirror", "mirror_percent": 100, "testers": TESTER},
        {"1.0": 100, "2.0": 0},
        testers_see="2.0",
        copies_to="2.0",
        checks=(_selects("app"), forms(2), NO_API_ERRORS),
    ),
    Chapter(
        "weighted 10",
        {"stage": "weighted", "canary_weight": 10},
        {"1.0": 90, "2.0": 10},
        testers_see="2.0",
        checks=(forms(3), NO_API_ERRORS),
    ),
    Chapter(
        "weighted 50",
        {"canary_weight": 50},
        {"1.0": 50, "2.0": 50},
        testers_see="2.0",
        checks=(NO_API_ERRORS,),
    ),
    Chapter(
        "promoted",
        {"stage": "promoted"},
        {"1.0": 0, "2.0": 100},
        checks=(Check("load test", _look_at_the_load), NO_API_ERRORS),
    ),
    Chapter(
        "retired",
        {"retire_stable": True},
        {"2.0": 100},
        checks=(keeps_to_itself(_SECRETS.values()), NO_API_ERRORS),
    ),
)

_BACK = (
    Chapter(
        "dark, with a database of its own",
        {
            "stable": _version("2.0"),
            "canary": _version(
                "2.1", secret_env={"ConnectionStrings__CustomerManagementCN": "sandbox"}
            ),
            "stage": "dark",
            "retire_stable": GONE,
        },
        {"2.0": 100, "2.1": 0},
        called_directly="2.1",
        checks=(Check("database", _look_at_the_sandbox), NO_API_ERRORS),
    ),
    Chapter(
        "rolled back",
        {"stage": "rolled_back"},
        {"2.0": 100, "2.1": 0},
        checks=(NO_API_ERRORS,),
        back=True,
    ),
)

_RULES = (
    Chapter(
        "a quarter of the calls for vehicles fail",
        edits={
            "apps.pitstop.faults": {
                "vehiclemanagementapi": {
                    "abort_status": 500,
                    "percent": _FAULT_PERCENT,
                    "everyone": True,
                }
            },
            "load_tests.pitstop.running": False,
        },
        checks=(Check("faults", _look_at_the_faults),),
    ),
    Chapter(
        "only the web app may ask for customers",
        edits={
            "apps.pitstop.faults": GONE,
            "apps.pitstop.access": {_API: {"from": [WEBAPP]}},
        },
        checks=(Check("access", _look_at_access), NO_API_ERRORS),
        back=True,
    ),
    Chapter(
        "handed back",
        edits={
            "apps.pitstop.versions": {_API: _version("2.0")},
            "apps.pitstop.access": GONE,
            f"releases.{_API}": GONE,
        },
        checks=(NO_API_ERRORS,),
        back=True,
    ),
    Chapter(
        "off",
        edits={"apps.pitstop.enabled": False},
        loads=(),
        checks=(Check("left", _gone_but_the_mesh),),
        back=True,
    ),
)

STORY = Story(
    name="pitstop",
    summary="Pitstop: its customer API 1.0 to 2.0 under forms and a load test; faults, access, off again",
    chapters=(*_UP, *_BACK, *_RULES),
    service=CUSTOMERS,
    loads=(CUSTOMERS_PAGE,),
    looked_at=CUSTOMERS_PAGE,
    sets_up="mesh, gateway and Pitstop",
    answers_first="customermanagementapi 1.0",
    secrets=_SECRETS,
    first_checks=(
        Check("order", _look_at_the_order),
        Check("sidecars", _look_at_the_sidecars),
    ),
)
