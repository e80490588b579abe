"""Pitstop as its walk asks it: pages and forms of the web app, rows of its database, events of its broker."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from demo.api_calls import Calls, calls_of
from demo.scene import Check, Finding, Scene
from demo.service import Service, Target, Tester

NAMESPACE = "pitstop"
HOST = "pitstop.example.com"
WEBAPP = "webapp"
TESTER = {"end-user": "tester"}

CUSTOMERS_PAGE = Target("/CustomerManagement", host=HOST)
VEHICLES_PAGE = Target("/VehicleManagement", host=HOST)

CUSTOMERS = Service(
    name="customermanagementapi",
    namespace=NAMESPACE,
    asked=CUSTOMERS_PAGE,
    port=5100,
    own_path="/api/customers",
    tester=Tester(Target(CUSTOMERS_PAGE.path, HOST, TESTER)),
)
"""The API under release, asked by way of the page that shows its customers."""

PORTS = {5100: "customers", 5000: "vehicles", 5200: "workshop"}
"""The ports of the three APIs, each its own: by them a sidecar's figures tell the APIs apart."""

_PATIENCE_SECONDS = 15.0
_CALLS = "calls"


def store(scene: Scene) -> dict[str, dict[str, int]]:
    """How often each table was written, by database and table, as the database itself counts."""
    shown = _shown(scene, "http:sqlserver:1433", "stand-in/store")["databases"]
    return {
        database: {table: figures["writes"] for table, figures in tables.items()}
        for database, tables in shown.items()
    }


def events(scene: Scene) -> dict[str, Any]:
    """What the broker has published by kind, and delivered by queue."""
    return _shown(scene, "rabbitmq:15672", "stand-in/events")


def _shown(scene: Scene, service: str, path: str) -> dict[str, Any]:
    found = scene.kube.get(f"/api/v1/namespaces/{NAMESPACE}/services/{service}/proxy/{path}")
    if found is None:
        message = f"{service} shows no figures"
        raise RuntimeError(message)
    return found


@dataclass(frozen=True)
class Written:
    """What one customer, one vehicle and one maintenance job have led to."""

    rows: dict[str, int]
    """Writes by table of the databases that the APIs own."""
    published: dict[str, int]
    delivered: dict[str, int]
    """Events by queue."""


INTENDED = Written(
    {"Customer": 1, "Vehicle": 1, "WorkshopPlanning": 1},
    {"CustomerRegistered": 1, "VehicleRegistered": 1, "MaintenanceJobPlanned": 1},
    {"Auditlog": 3, "Invoicing": 3, "Notifications": 3, "WorkshopManagement": 3},
)
"""Once each, on a day that has a planning; every event reaches all four queues."""


def forms(number: int) -> Check:
    """Fills the three forms of the web app as customer `number`: what is written is counted, and is written once."""

    def look(scene: Scene) -> Finding:
        with _browser(scene) as browser:
            _plan_the_day(scene, browser)
            before = _figures(scene)
            _fill(scene, browser, number)
        written = _settled(scene, before)
        said = (
            f"1 customer, 1 vehicle, 1 job: {_said(written.rows)};"
            f" events {sum(written.published.values())}, delivered {sum(written.delivered.values())}"
        )
        return Finding(said, () if written == INTENDED else (f"{INTENDED} is intended: {written}",))

    return Check("forms", look)


def _browser(scene: Scene) -> httpx.Client:
    return httpx.Client(
        base_url=scene.cluster.gateway_url, headers={"Host": HOST}, timeout=10, trust_env=False
    )


def _plan_the_day(scene: Scene, browser: httpx.Client) -> None:
    """Today has a planning: the first job of a day makes one, which is an event more."""
    if store(scene).get("WorkshopManagementEventStore", {}).get("WorkshopPlanning", 0):
        return
    _fill(scene, browser, 0)
    _settled(scene, _figures(scene))


def _fill(scene: Scene, browser: httpx.Client, number: int) -> None:
    """A customer, a vehicle of theirs, and a job for it; each form is answered with the list that it belongs to."""
    before = set(_customers(browser))
    city = ("Utrecht", "Den Haag", "Amsterdam")[number % 3]
    _post(browser, "/CustomerManagement/Register", {"Name": f"Customer {number}", "City": city})
    (owner,) = set(_customers(browser)) - before
    plate = f"KL-{number:02}-AB"
    vehicle = {"LicenseNumber": plate, "Brand": "Volvo", "Type": "V70", "OwnerId": owner}
    _post(browser, "/VehicleManagement/Register", vehicle)
    _until(lambda: plate in browser.get("/WorkshopManagement/New").text, f"{plate} can be planned")
    job = {"SelectedVehicleLicenseNumber": plate, "Description": f"Job {number}"}
    _post(browser, "/WorkshopManagement/RegisterMaintenanceJob", job)


def _customers(browser: httpx.Client) -> list[str]:
    """The ids that the page links to."""
    text = browser.get(CUSTOMERS_PAGE.path).text
    return [part.split('"')[0] for part in text.split("/CustomerManagement/Details/")[1:]]


def _post(browser: httpx.Client, path: str, fields: dict[str, str]) -> None:
    answer = browser.post(path, data=fields)
    if answer.status_code != httpx.codes.FOUND:
        message = f"{path} answered {answer.status_code}: {answer.text[-200:]}"
        raise RuntimeError(message)


def _figures(scene: Scene) -> Written:
    """Everything that was written so far, once every event that was published is through."""
    _until(lambda: _all_delivered(scene), "every event is delivered")
    rows = store(scene)
    owned = {
        "Customer": rows.get("CustomerManagement", {}).get("Customer", 0),
        "Vehicle": rows.get("VehicleManagement", {}).get("Vehicle", 0),
        "WorkshopPlanning": rows.get("WorkshopManagementEventStore", {}).get("WorkshopPlanning", 0),
    }
    heard = events(scene)
    published = {kind: heard["published"].get(kind, 0) for kind in INTENDED.published}
    delivered = {name: queue["delivered"] for name, queue in heard["queues"].items()}
    return Written(owned, published, delivered)


def _all_delivered(scene: Scene) -> bool:
    heard = events(scene)
    sent = sum(heard["published"].values())
    return all(q == {"waiting": 0, "delivered": sent} for q in heard["queues"].values())


def _settled(scene: Scene, before: Written) -> Written:
    """What came since."""
    now = _figures(scene)
    return Written(
        {table: count - before.rows[table] for table, count in now.rows.items()},
        {kind: count - before.published[kind] for kind, count in now.published.items()},
        {queue: count - before.delivered[queue] for queue, count in now.delivered.items()},
    )


def _until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            message = f"not within {_PATIENCE_SECONDS:g} s: {what}"
            raise TimeoutError(message)
        time.sleep(0.1)


def _said(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())


def calls_since(scene: Scene) -> dict[str, Calls]:
    """The web app's own calls by API since the last time that somebody asked."""
    now = calls_of(scene.kube, NAMESPACE, WEBAPP)
    before = scene.notes.get(_CALLS, {})
    scene.notes[_CALLS] = now
    return {
        name: now.get(port, Calls()).since(before.get(port, Calls()))
        for port, name in PORTS.items()
    }


def _look_at_the_apis(scene: Scene) -> Finding:
    calls = calls_since(scene)
    said = ", ".join(f"{name} {c.failed} of {c.made}" for name, c in calls.items())
    wrong = any(c.failed for c in calls.values()) or not calls["customers"].made
    return Finding(f"failed calls: {said}", ("no call may fail",) if wrong else ())


NO_API_ERRORS = Check("API side", _look_at_the_apis)
"""Of the calls behind the pages none has failed since the last look, and there were some."""
