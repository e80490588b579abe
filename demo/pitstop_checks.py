"""What the walk of Pitstop looks at: start order, sidecars, load test, faults, access, databases, and what is left."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import httpx

from demo.kube import Manifest
from demo.pitstop import (
    CUSTOMERS,
    HOST,
    NAMESPACE,
    VEHICLES_PAGE,
    WEBAPP,
    calls_since,
    store,
)
from demo.scene import Check, Finding, Scene
from demo.statistics import acceptance_region, display_interval, sample_size

_CHECKS = 3
"""Shares that are judged by chance: 10 %, 50 %, and the faults."""
FAULT_PERCENT = 25
LOAD_MINUTES = 1
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
    others = (*_WORKERS, CUSTOMERS.name, "vehiclemanagementapi", "workshopmanagementapi", WEBAPP)
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


def selects(*keys: str) -> Check:
    """What the Service of the API selects by."""

    def look(scene: Scene) -> Finding:
        service = scene.kube.get(f"/api/v1/namespaces/{NAMESPACE}/services/{CUSTOMERS.name}") or {}
        selector = service["spec"]["selector"]
        wrong = () if sorted(selector) == sorted(keys) else (f"{' and '.join(keys)} is intended",)
        return Finding(", ".join(f"{k}={v}" for k, v in sorted(selector.items())), wrong)

    return Check("selector", look)


def _look_at_the_load(scene: Scene) -> Finding:
    """The load test has come to its end by itself, and every page answered as often as it was asked."""
    path = f"/apis/batch/v1/namespaces/{NAMESPACE}/jobs/load-test-pitstop"
    deadline = time.monotonic() + LOAD_MINUTES * 60
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
    views = sample_size(FAULT_PERCENT, _CHECKS) * (100 - FAULT_PERCENT) // 100
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
    region = acceptance_region(FAULT_PERCENT, calls.made, _CHECKS)
    low, high = display_interval(calls.failed, calls.made)
    said = (
        f"{calls.failed} of {calls.made} calls failed ({low:.1f} to {high:.1f} %) for {views} views;"
        f" {failed_pages} views failed, {offline} showed the Offline page with status 200"
    )
    wrong = []
    if calls.failed not in region:
        wrong.append(f"{FAULT_PERCENT} % are {region.least} to {region.most}")
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
    url = f"http://{inside.pod(CUSTOMERS.name, '2.1').address}:{CUSTOMERS.port}{CUSTOMERS.own_path}"
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


ORDER = Check("order", _look_at_the_order)
SIDECARS = Check("sidecars", _look_at_the_sidecars)
LOAD_ENDED = Check("load test", _look_at_the_load)
FAULTS = Check("faults", _look_at_the_faults)
ACCESS = Check("access", _look_at_access)
SANDBOX = Check("database", _look_at_the_sandbox)
LEFT = Check("left", _gone_but_the_mesh)
