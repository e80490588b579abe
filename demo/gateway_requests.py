"""Real requests through the gateway, as users send them: who answered, and what failed."""

import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx

THREADS = 6
"""How many send at the same time, each over a connection of its own."""

_TIMEOUT_SECONDS = 10.0
_MOST_ERRORS = 5


@dataclass(frozen=True)
class Answers:
    """The answers to a number of requests."""

    sent: int
    by_version: dict[str, int]
    failed: int
    """Without a 2xx status, without an answer, or without a version in it."""
    errors: tuple[str, ...]
    """The first distinct ones."""
    seconds: float

    @property
    def answered(self) -> int:
        """Requests with an answer that names its version."""
        return sum(self.by_version.values())


def ask_api(gateway: str, service: str, count: int, user_agent: str) -> Answers:
    """Requests to the API of productpage, which asks the service and passes its answer on."""

    def version_of(answer: httpx.Response) -> str | None:
        try:
            return version_in(str(answer.json().get("podname", "")), service)
        except (ValueError, AttributeError):  # no JSON, or no object: an answer without a version
            return None

    clients = [_client(gateway, user_agent) for _ in range(THREADS)]
    return _ask(clients, f"/api/v1/products/0/{service}", count, version_of)


def ask_page_as(user: str, gateway: str, service: str, count: int, user_agent: str) -> Answers:
    """Views of the page by a user who has logged in as a browser does, with a form and a cookie.

    Raises httpx.HTTPError where the login fails.
    """

    def version_of(answer: httpx.Response) -> str | None:
        return version_in(answer.text, service)

    client = _client(gateway, user_agent)
    client.post("/login", data={"username": user, "passwd": "any"}).raise_for_status()
    return _ask([client], "/productpage", count, version_of)


def version_in(text: str, service: str) -> str | None:
    """The version in the first pod name of the service: v2 in reviews-v2-5c4f9d7b8-x8k2q."""
    found = re.search(rf"\b{re.escape(service)}-(v\d+)-[0-9a-z]+-[0-9a-z]+\b", text)
    return found.group(1) if found else None


def page_answers(gateway: str) -> bool:
    """Whether the page answers at all."""
    try:
        with _client(gateway, "demo") as client:
            return client.get("/productpage").is_success
    except httpx.TransportError:
        return False


def _client(gateway: str, user_agent: str) -> httpx.Client:
    return httpx.Client(
        base_url=gateway,
        headers={"User-Agent": user_agent},
        timeout=_TIMEOUT_SECONDS,
        trust_env=False,  # no proxy stands between this machine and itself
        follow_redirects=True,
    )


class _Tally:
    """The answers of several threads."""

    def __init__(self, count: int) -> None:
        self._left = count
        self._lock = threading.Lock()
        self.by_version: Counter[str] = Counter()
        self.failed = 0
        self.errors: list[str] = []

    def take(self) -> bool:
        """Whether another request is to be sent."""
        with self._lock:
            self._left -= 1
            return self._left >= 0

    def add(self, version: str | None, error: str) -> None:
        """One answer; without a version it is a failure."""
        with self._lock:
            if version and not error:
                self.by_version[version] += 1
                return
            self.failed += 1
            error = error or "the answer names no version"
            if error not in self.errors and len(self.errors) < _MOST_ERRORS:
                self.errors.append(error)


def _ask(
    clients: list[httpx.Client],
    path: str,
    count: int,
    version_of: Callable[[httpx.Response], str | None],
) -> Answers:
    """Each client sends from a thread of its own, one request after the other."""
    tally = _Tally(count)

    def work(client: httpx.Client) -> None:
        while tally.take():
            try:
                answer = client.get(path)
            except httpx.TransportError as error:
                tally.add(None, repr(error))
                continue
            bad = "" if answer.is_success else f"status {answer.status_code}"
            tally.add(None if bad else version_of(answer), bad)
        client.close()

    started = time.monotonic()
    with ThreadPoolExecutor(len(clients)) as pool:
        for done in [pool.submit(work, client) for client in clients]:
            done.result()
    by_version = dict(sorted(tally.by_version.items()))
    seconds = time.monotonic() - started
    return Answers(count, by_version, tally.failed, tuple(tally.errors), seconds)
