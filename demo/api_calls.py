"""The calls that a workload makes itself, as its sidecar counts them: what a page hides from whoever looks at it.

Read where Prometheus would read, at port 15090 of the pods. A plain Envoy, as on the local cluster, counts by the port
that is called; it counts an answer of its own, such as an injected fault, too.
"""

import re
from collections import defaultdict
from dataclasses import dataclass

from demo.kube import Kube

_LINE = re.compile(
    r'^envoy_http_downstream_rq\{(?=.*response_code_class="(?P<code>.)xx")'
    r'(?=.*http_conn_manager_prefix="outbound_[^"]*_(?P<port>\d+)").*\} (?P<count>\d+)$',
    re.MULTILINE,
)
_FAILED = "5"


@dataclass(frozen=True)
class Calls:
    """Calls to one port, and those of them that were answered with 500 and above."""

    made: int = 0
    failed: int = 0

    def since(self, before: "Calls") -> "Calls":
        """Those that came after an earlier look."""
        return Calls(self.made - before.made, self.failed - before.failed)


def read_calls(text: str) -> dict[int, Calls]:
    """The calls by port in what one proxy shows at /stats/prometheus."""
    found: dict[int, Calls] = defaultdict(Calls)
    for line in _LINE.finditer(text):
        port, count = int(line["port"]), int(line["count"])
        so_far = found[port]
        failed = count if line["code"] == _FAILED else 0
        found[port] = Calls(so_far.made + count, so_far.failed + failed)
    return dict(found)


def calls_of(kube: Kube, namespace: str, workload: str) -> dict[int, Calls]:
    """The calls that the pods of a workload have made since they started, by port."""
    sums: dict[int, Calls] = defaultdict(Calls)
    for pod in kube.pods(namespace, workload):
        path = f"/api/v1/namespaces/{namespace}/pods/{pod}:15090/proxy/stats/prometheus"
        answer = kube.client.get(path)
        answer.raise_for_status()
        for port, calls in read_calls(answer.text).items():
            so_far = sums[port]
            sums[port] = Calls(so_far.made + calls.made, so_far.failed + calls.failed)
    return dict(sums)
