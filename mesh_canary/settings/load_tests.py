"""Load on the pages of a service, for a bounded time: which pages, how fast, how long."""

from typing import Annotated, Literal

from pydantic import Field

from mesh_canary.settings.fields import ImageRef, K8sName, Settings, Switch, UrlPath
from mesh_canary.settings.problems import Problem

ARTICLE_RATE = 0.95
"""Requests per second of one page: one at a time with a pause of 0.1 to 2 s, 1.05 s on average, between two.

Source: Pitstop's load-test script, commit c1991d9.
"""
LONGEST_NAME = 40
"""Of a load test, in characters: its Job and its pods are named after it."""
MOST_PAGES = 20

Rate = Annotated[float, Field(strict=True, ge=0.1, le=200)]
Minutes = Annotated[int, Field(strict=True, ge=1, le=240)]


class LoadTestSettings(Settings):
    """A generator that asks the pages of one workload, each from a container of its own, until its time is over."""

    app: K8sName
    workload: K8sName
    """The service of the app that is asked."""
    pages: dict[K8sName, UrlPath]
    """Paths by a name of yours, which names the container: customers: /CustomerManagement."""
    pace: Literal["article", "fast"] = "article"
    """`article`: at most about one request a second and page. `fast`: as `requests_per_second` says."""
    requests_per_second: Rate | None = None
    """Of each page; for `pace: fast` alone."""
    minutes: Minutes
    """When it ends by itself. Without an end there is no load test."""
    running: Switch = True
    """False ends it and removes what it made, results too."""
    api_errors: Switch = True
    """True promises figures of the calls that the workload makes itself, from its sidecar: what it hides from users."""
    image: ImageRef = "docker.io/fortio/fortio:1.68.0"

    @property
    def rate(self) -> float:
        """Requests per second and page."""
        return ARTICLE_RATE if self.requests_per_second is None else self.requests_per_second

    def contradictions(self) -> list[Problem]:
        """Something is asked, but not by a pod without end; the fast pace says how fast, the article's is known."""
        if not 1 <= len(self.pages) <= MOST_PAGES:
            rule = f"a load test asks 1 to {MOST_PAGES} pages, each from a container of its own"
            return [
                Problem("pages", f"{len(self.pages)} pages", rule, "for example pages: {home: /}")
            ]
        if self.pace == "fast" and self.requests_per_second is None:
            hint = "set requests_per_second, of each page: 10"
            return [Problem("requests_per_second", "", "needed with pace: fast", hint)]
        if self.pace == "article" and self.requests_per_second is not None:
            rule = f"pace: article is {ARTICLE_RATE} requests per second and page"
            value = f"{self.requests_per_second:g}"
            return [Problem("requests_per_second", value, rule, "set pace: fast, or leave it out")]
        return []
