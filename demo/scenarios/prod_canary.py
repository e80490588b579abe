"""The canary in namespace `prod`: taken over from kubectl, then reviews v2, a fault for one user, and back."""

from pathlib import Path
from typing import Any

import yaml

from demo.add_ons import BOOKINFO_CHAIN, RUN_ADD_ONS
from demo.bookinfo import PAGE, REVIEWS_API
from demo.by_hand import ODD
from demo.prod_faults import PROD_REVIEWS, TRIES, calls, routes, said, views, without_reviews
from demo.prod_hand_over import (
    APPLIED_BY_HAND,
    ORPHANED,
    TAGGED,
    TAKEN_OVER,
    THEIR_ROUTE_REMOVED,
)
from demo.prod_seen import prometheus_sees, zipkin_sees
from demo.stack_file import GONE
from demo.story import Chapter, Story

_FILE = Path(__file__).parents[2] / "examples" / "prod-canary.yaml"
_APP: dict[str, Any] = yaml.safe_load(_FILE.read_text())["config"]["mesh-canary:apps"]["bookinfo"]
_JASON_WAITS = {"ratings": {"delay_seconds": 7, "percent": 100, "headers": {"end-user": "jason"}}}
_JASON_FAILS = {"reviews": {"abort_status": 500, "percent": 100, "headers": {"end-user": "jason"}}}
_ACCESS = {"ratings": {"from": ["reviews"]}, "productpage": {"from": ["gateway"]}}
_WITHOUT_RATINGS = BOOKINFO_CHAIN - {("reviews", "ratings")}
_FAULT = "Requests for ratings with end-user: jason wait 7 s"

STORY = Story(
    name="prod-canary",
    summary="reviews v2 in namespace prod: taken over from kubectl, 10 %, all, a fault for one user, and back",
    starts_with={"apps": {}},
    prepared_by=(RUN_ADD_ONS,),
    chapters=(
        Chapter("somebody's Bookinfo", before=(APPLIED_BY_HAND,)),
        Chapter(
            "what cannot be taken over: refused",
            edits={"apps.bookinfo": _APP},
            refused=(f"Deployment {ODD}-v1 in namespace prod", "--cascade=orphan"),
            loads=(REVIEWS_API, PAGE),
        ),
        Chapter(
            "taken over",
            edits={"apps.bookinfo": _APP},
            shares={"v1": 100},
            before=(ORPHANED,),
            checks=(
                said("Deployment reviews-v1 in namespace prod is there already"),
                TAKEN_OVER,
                TAGGED,
                THEIR_ROUTE_REMOVED,
            ),
        ),
        Chapter(
            "dark",
            {"stage": "dark"},
            {"v1": 100, "v2": 0},
            called_directly="v2",
            checks=(TAGGED,),
        ),
        Chapter("weighted 10", {"stage": "weighted", "canary_weight": 10}, {"v1": 90, "v2": 10}),
        Chapter(
            "weighted 10, and 500 for jason",
            edits={"apps.bookinfo.faults": _JASON_FAILS},
            shares={"v1": 90, "v2": 10},
            checks=(
                said("Requests for reviews with end-user: jason are answered with 500"),
                without_reviews("jason"),
                routes("productpage-gateway", "reviews"),
            ),
        ),
        Chapter(
            "v2 only",
            {"stage": "promoted"},
            {"v1": 0, "v2": 100},
            edits={"apps.bookinfo.faults": GONE},
            checks=(views("jason", reviews=True),),
        ),
        Chapter(
            "only reviews may call ratings",
            edits={"apps.bookinfo.access": _ACCESS},
            before=(calls(allowed=True),),
            checks=(calls(allowed=False), views("mary", reviews=True)),
        ),
        Chapter(
            "everybody may call again",
            edits={"apps.bookinfo.access": GONE},
            checks=(calls(allowed=True),),
            back=True,
        ),
        Chapter(
            "7 s for jason",
            edits={"apps.bookinfo.faults": _JASON_WAITS},
            shares={"v1": 0, "v2": 100},
            checks=(
                said(_FAULT, "fault-live: 100 % wait 7000ms, for end-user: jason"),
                views("jason", reviews=False),
                views("mary", reviews=True),
                routes("productpage-gateway", "ratings", "reviews"),
                prometheus_sees("jason", given_up=True),
                prometheus_sees("mary", given_up=False),
                zipkin_sees("jason", _WITHOUT_RATINGS, reviews_asked=TRIES),
                zipkin_sees("mary", BOOKINFO_CHAIN, reviews_asked=1),
            ),
        ),
        Chapter(
            "no fault any more",
            edits={"apps.bookinfo.faults": GONE},
            checks=(
                said("- VirtualService ratings"),
                views("jason", reviews=True),
                routes("productpage-gateway", "reviews"),
            ),
            back=True,
        ),
        Chapter("rolled back", {"stage": "rolled_back"}, {"v1": 100, "v2": 0}, back=True),
    ),
    service=PROD_REVIEWS,
    loads=(),
    sets_up="mesh, gateway, Prometheus and Zipkin",
    answers_first="nobody yet",
)
