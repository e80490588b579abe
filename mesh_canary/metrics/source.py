"""A metrics source: what one kind of data plane calls its figures, and the PromQL that asks for them by version.

Every query gives one number per version, under the label `version`; a version of which Prometheus knows nothing is not
in the answer, which is something else than 0. To add a data plane: a file beside this one, a line in `SOURCES`.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

LABEL = "version"
"""The label of an answer under which a version stands."""


@dataclass(frozen=True)
class Target:
    """A service, as its callers address it."""

    namespace: str
    service: str
    port: int | str
    """A number; on a dashboard the variable that stands for it."""


@dataclass(frozen=True)
class MetricsSource:
    """The figures of one kind of data plane, as the callers of a service see them.

    A window is in seconds and has to hold four scrapes at least: a rate needs two, and scrapes come late.
    """

    name: str
    counter: str
    """Metric that counts answered requests."""
    histogram: str
    """Metric of the time that requests took, in milliseconds; its buckets end in _bucket."""
    label: str
    """The label of both that tells versions apart."""
    pattern: str
    """Regular expression whose first group is the version in that label, as the text of a PromQL string."""
    answered: str
    """Selector of the counter's series that count each answer once; empty where all of them do."""
    failed: str
    """Selector of answers with a 5xx status."""
    select: Callable[[Target], str]
    """Selector of the requests to a service."""
    spell: Callable[[str], str]
    """How a version is spelled in an answer."""

    def requests(self, target: Target, seconds: int) -> str:
        """How many requests were answered within the window, by version."""
        return self._named(self._sum("increase", self._counted(target, self.answered), seconds))

    def rate(self, target: Target, seconds: int) -> str:
        """How many requests were answered a second, by version."""
        return self._named(self._sum("rate", self._counted(target, self.answered), seconds))

    def failures(self, target: Target, seconds: int) -> str:
        """The share of requests answered with a 5xx status, 0 to 1, by version."""
        every = self._sum("rate", self._counted(target, self.answered), seconds)
        failed = self._sum("rate", self._counted(target, self.failed), seconds)
        # A version that never failed has no such series: its share is 0 of all that it answered.
        return self._named(f"({failed} or 0 * {every}) / {every}")

    def latency(self, target: Target, seconds: int, share: float) -> str:
        """Within how many milliseconds the given share (0 to 1) of requests was answered, by version."""
        buckets = f"{self.histogram}_bucket{{{self.select(target)}}}"
        return self._named(
            f"histogram_quantile({share:g}, {self._sum('rate', buckets, seconds, ', le')})"
        )

    def _counted(self, target: Target, which: str) -> str:
        selectors = ",".join(filter(None, (self.select(target), which)))
        return f"{self.counter}{{{selectors}}}"

    def _sum(self, function: str, series: str, seconds: int, more: str = "") -> str:
        return f"sum by ({self.label}{more}) ({function}({series}[{seconds}s]))"

    def _named(self, query: str) -> str:
        """The same numbers by version, whatever the data plane calls it: sum, for no label may stand twice."""
        named = f'label_replace({query}, "{LABEL}", "$1", "{self.label}", "{self.pattern}")'
        return f"sum by ({LABEL}) ({named})"


def read_by_version(
    source: MetricsSource, versions: tuple[str, ...], answer: str | bytes
) -> dict[str, float]:
    """The numbers in Prometheus's answer (JSON, as /api/v1/query gives it) to one of the queries, by version.

    A version without figures is left out, and so is a number that is none (a share of nothing). Raises ValueError where
    the answer is an error or no vector.
    """
    said: Mapping[str, Any] = json.loads(answer)
    data = said.get("data") or {}
    if said.get("status") != "success" or data.get("resultType") != "vector":
        message = f"Prometheus answers no vector: {said.get('error') or data.get('resultType')}"
        raise ValueError(message)
    spelled = {source.spell(version): version for version in versions}
    found: dict[str, float] = {}
    for sample in data["result"]:
        label, text = sample["metric"].get(LABEL), str(sample["value"][1])
        if label in spelled and text != "NaN":
            found[spelled[label]] = float(text)
    return found
