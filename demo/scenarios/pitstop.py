"""Pitstop: its customer API from 1.0 to 2.0 while forms write and a load test runs; faults, access, and off again."""

from typing import Any

from demo.pitstop import (
    CUSTOMERS,
    CUSTOMERS_PAGE,
    NO_API_ERRORS,
    TESTER,
    WEBAPP,
    forms,
)
from demo.pitstop_checks import (
    ACCESS,
    FAULT_PERCENT,
    FAULTS,
    LEFT,
    LOAD_ENDED,
    LOAD_MINUTES,
    ORDER,
    SANDBOX,
    SIDECARS,
    selects,
)
from demo.secrecy import keeps_to_itself
from demo.stack_file import GONE
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
_LOAD_RATE = 10.0


def _version(version: str, **more: Any) -> dict[str, Any]:
    return {"version": version, "image": f"{_IMAGE}:{version}", **more}


_LOAD: Edits = {
    "load_tests.pitstop.pace": "fast",
    "load_tests.pitstop.requests_per_second": _LOAD_RATE,
    "load_tests.pitstop.minutes": LOAD_MINUTES,
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
        checks=(selects("app", "version"), NO_API_ERRORS),
    ),
    Chapter(
        "mirror 100",
        {"stage": "mirror", "mirror_percent": 100, "testers": TESTER},
        {"1.0": 100, "2.0": 0},
        testers_see="2.0",
        copies_to="2.0",
        checks=(selects("app"), forms(2), NO_API_ERRORS),
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
        checks=(LOAD_ENDED, NO_API_ERRORS),
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
        checks=(SANDBOX, NO_API_ERRORS),
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
                    "percent": FAULT_PERCENT,
                    "everyone": True,
                }
            },
            "load_tests.pitstop.running": False,
        },
        checks=(FAULTS,),
    ),
    Chapter(
        "only the web app may ask for customers",
        edits={
            "apps.pitstop.faults": GONE,
            "apps.pitstop.access": {_API: {"from": [WEBAPP]}},
        },
        checks=(ACCESS, NO_API_ERRORS),
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
        checks=(LEFT,),
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
        ORDER,
        SIDECARS,
    ),
)
