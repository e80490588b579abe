"""Real requests through the gateway, as users send them: who answered, and what failed."""

import re
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx

from demo.service import Service, Target

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


def ask(
    gateway: str, service: Service, count: int, user_agent: str, method: str = "GET"
) -> Answers:
    """Requests to what the service's versions are told by, from several connections."""
    clients = [_client(gateway, user_agent, service.asked) for _ in range(THREADS)]
    return _ask(clients, method, service.asked.path, count, service.name)


def ask_as_tester(gateway: str, service: Service, count: int, user_agent: str) -> Answers:
    """Requests by the service's tester, who logs in first as a browser does, with a form and a cookie.

    Raises httpx.HTTPError where the login fails, RuntimeError where the service has no tester.
    """
    tester = service.tester
    if tester is None:
        message = f"{service.name} has no tester"
        raise RuntimeError(message)
    client = _client(gateway, user_agent, tester.asks)
    if tester.user:
        form = {"username": tester.user, "passwd": "any"}
        client.post("/login", data=form).raise_for_status()
    return _ask([client], "GET", tester.asks.path, count, service.name)


def look_at(gateway: str, target: Target, user: str = "") -> httpx.Response:
    """One answer, whatever its status, as it is seen by a user who has logged in (or by nobody in particular).

    Redirects are not followed. Raises httpx.HTTPError where nothing answers or the login fails.
    """
    with _client(gateway, "demo-look", target) as client:
        if user:
            form = {"username": user, "passwd": "any"}
            client.post("/login", data=form).raise_for_status()
        return client.get(target.path, follow_redirects=False)


def version_of(answer: httpx.Response, service: str) -> str | None:
    """The version that an answer names: in a header, as `version` of JSON about the service, or by a pod's name."""
    signed: str = answer.headers.get("stand-in", "")
    for name, _, version in (part.strip().partition("/") for part in signed.split(",")):
        if name == service:
            return version
    try:
        said = answer.json()
    except ValueError:
        said = None
    if isinstance(said, dict) and said.get("service", service) == service and said.get("version"):
        return str(said["version"])
    return version_in(answer.text, service)


def version_in(text: str, service: str) -> str | None:
    """The version in the first pod name of the service: v2 in reviews-v2-5c4f9d7b8-x8k2q."""
    found = re.search(rf"\b{re.escape(service)}-(v\d+)-[0-9a-z]+-[0-9a-z]+\b", text)
    return found.group(1) if found else None


def answers(gateway: str, target: Target) -> bool:
    """Whether there is an answer with a 2xx status at all."""
    try:
        with _client(gateway, "demo", target) as client:
            return client.get(target.path).is_success
    except httpx.TransportError:
        return False


def _client(gateway: str, user_agent: str, target: Target) -> httpx.Client:
    host = {"Host": target.host} if target.host else {}
    return httpx.Client(
        base_url=gateway,
        headers={"User-Agent": user_agent, **host, **target.headers},
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


def _ask(clients: list[httpx.Client], method: str, path: str, count: int, service: str) -> Answers:
    """Each client sends from a thread of its own, one request after the other."""
    tally = _Tally(count)

    def work(client: httpx.Client) -> None:
        while tally.take():
            try:
                answer = client.request(method, path)
            except httpx.TransportError as error:
                tally.add(None, repr(error))
                continue
            bad = "" if answer.is_success else f"status {answer.status_code}"
            tally.add(None if bad else version_of(answer, service), bad)
        client.close()

    started = time.monotonic()
    with ThreadPoolExecutor(len(clients)) as pool:
        for done in [pool.submit(work, client) for client in clients]:
            done.result()
    by_version = dict(sorted(tally.by_version.items()))
    seconds = time.monotonic() - started
    return Answers(count, by_version, tally.failed, tuple(tally.errors), seconds)
