"""The counting of answers, against a small server that stands for the gateway."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any

import httpx
import pytest

from demo.bookinfo import PAGE, REVIEWS
from demo.gateway_requests import answers, ask, ask_as_tester, look_at, version_in, version_of


class Bookinfo(BaseHTTPRequestHandler):
    """Every tenth API request fails; of the others every second one is answered by v2."""

    protocol_version = "HTTP/1.1"
    lock = Lock()
    seen = 0

    def do_GET(self) -> None:
        with Bookinfo.lock:
            Bookinfo.seen += 1
            number = Bookinfo.seen
        if self.path == "/productpage":
            version = "v2" if "session=jason" in self.headers.get("Cookie", "") else "v1"
            return self._send(200, f"Served by reviews · pod reviews-{version}-5c4f-x8k2q")
        if number % 10 == 0:
            return self._send(503, "{}")
        version = "v2" if number % 2 else "v1"
        return self._send(200, json.dumps({"podname": f"reviews-{version}-5c4f-x8k2q"}))

    def do_POST(self) -> None:
        form = self.rfile.read(int(self.headers["Content-Length"])).decode()
        user = dict(pair.split("=") for pair in form.split("&"))["username"]
        self._send(200, "", ("Set-Cookie", f"session={user}"))

    def _send(self, status: int, body: str, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in (*headers, ("Content-Length", str(len(body.encode())))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@pytest.fixture
def gateway() -> Iterator[str]:
    Bookinfo.seen = 0
    with ThreadingHTTPServer(("127.0.0.1", 0), Bookinfo) as server:
        Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_every_request_is_counted_once_by_version_or_as_a_failure(gateway: str) -> None:
    found = ask(gateway, REVIEWS, 200, "test")

    assert (found.sent, found.failed, found.answered) == (200, 20, 180)
    assert found.by_version == {"v1": 80, "v2": 100}
    assert found.errors == ("status 503",)


def test_a_user_who_logged_in_is_known_at_every_view(gateway: str) -> None:
    assert ask_as_tester(gateway, REVIEWS, 10, "test").by_version == {"v2": 10}


def test_a_page_is_looked_at_by_anybody_or_by_a_user(gateway: str) -> None:
    assert "reviews-v1" in look_at(gateway, PAGE).text
    assert "reviews-v2" in look_at(gateway, PAGE, user="jason").text


def test_requests_that_nobody_answers_are_failures() -> None:
    found = ask("http://127.0.0.1:1", REVIEWS, 5, "test")

    assert (found.failed, found.answered) == (5, 0)
    assert "ConnectError" in found.errors[0]
    assert not answers("http://127.0.0.1:1", PAGE)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("reviews-v2-5c4f9d7b8-x8k2q", "v2"),
        ("<p>pod reviews-v10-5c4f9d7b8-x8k2q</p>", "v10"),
        ("reviews.v2", None),
        ("ratings-v1-5c4f9d7b8-x8k2q", None),
        ("", None),
    ],
)
def test_the_version_is_in_the_name_of_the_pod(text: str, version: str | None) -> None:
    assert version_in(text, "reviews") == version


@pytest.mark.parametrize(
    ("body", "version"),
    [
        ('{"service": "cart", "version": "1.5"}', "1.5"),
        ('{"version": "v2"}', "v2"),
        ('{"service": "other", "version": "v2"}', None),
        ('{"podname": "cart-v3-5c4f9d7b8-x8k2q"}', "v3"),
        ("[1, 2]", None),
        ("no JSON, pod cart-v1-5c4f9d7b8-x8k2q", "v1"),
    ],
)
def test_an_answer_names_its_version_itself_or_by_its_pod(body: str, version: str | None) -> None:
    assert version_of(httpx.Response(200, text=body), "cart") == version


@pytest.mark.parametrize(
    ("signed", "version"),
    [
        ("cart/2.0", "2.0"),
        ("till/1.0, cart/2.0", "2.0"),
        ("till/1.0", None),
    ],
)
def test_a_page_names_the_versions_behind_it_in_a_header(signed: str, version: str | None) -> None:
    answer = httpx.Response(200, text="<h1>Carts</h1>", headers={"Stand-In": signed})

    assert version_of(answer, "cart") == version
