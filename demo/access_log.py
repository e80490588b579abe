"""The access log of sidecars: which requests arrived at the pods of a version, one by one, by their request ids.

Source of the format: Istio 1.31, pilot/pkg/model/telemetry_logging.go. A proxy writes its lines about a second later.
"""

import re
import time
from collections import Counter
from dataclasses import dataclass

from local_cluster.logs import find_logs
from local_cluster.place import Place

_LINE = re.compile(
    r'^\[[^]]+\] "(?P<method>\S+) (?P<path>\S+) [^"]*" (?P<status>\d+) .*'
    r'"(?P<agent>[^"]*)" "(?P<id>[^"]*)" "[^"]*" "[^"]*" (?P<cluster>\S+) '
)
_OUR_LOOKS = "/stand-in/"
"""Where a walk reads a stand-in's counters."""
_WRITTEN_SECONDS = 15.0


@dataclass(frozen=True, order=True)
class Line:
    """One request that a pod has answered."""

    method: str
    path: str
    request_id: str
    agent: str = ""


def lines_in(text: str) -> list[Line]:
    """The requests from outside the pod in a proxy's log; whatever else it says is passed over."""
    found = [match for row in text.splitlines() if (match := _LINE.match(row))]
    return [
        Line(match["method"], match["path"], match["id"], match["agent"])
        for match in found
        if match["cluster"].startswith("inbound|") and not match["path"].startswith(_OUR_LOOKS)
    ]


def read_lines(place: Place, namespace: str, deployment: str, agent: str = "") -> list[Line]:
    """What the pods of a Deployment have answered so far, all of it or what one user agent sent."""
    logs = [
        file
        for name, file in find_logs(place).items()
        if name.startswith(f"{namespace}/{deployment}-") and name.endswith("/istio-proxy")
    ]
    found = [line for file in logs for line in lines_in(file.read_text(errors="replace"))]
    return [line for line in found if agent in ("", line.agent)]


def read_written(
    place: Place, namespace: str, deployment: str, agent: str, count: int
) -> Counter[Line]:
    """Those of one user agent once `count` of them are written, or after some seconds those that are."""
    deadline = time.monotonic() + _WRITTEN_SECONDS
    while True:
        found = read_lines(place, namespace, deployment, agent)
        if len(found) >= count or time.monotonic() > deadline:
            return Counter(found)
        time.sleep(0.2)
