"""The chain that the spans of a trace tell: who called whom."""

from typing import Any

import pytest

from demo.zipkin import Traced


def span(
    service: str, kind: str, own: str, parent: str | None = None, **tags: str
) -> dict[str, Any]:
    """One span as Zipkin's API gives it."""
    return {
        "id": own,
        "kind": kind,
        "localEndpoint": {"serviceName": f"{service}.bookinfo"},
        "duration": 1500,
        "tags": tags,
        **({"parentId": parent} if parent else {}),
    }


def a_trace(*spans: dict[str, Any]) -> Traced:
    return Traced("id", 200, spans)


GATEWAY = (
    span("gateway", "SERVER", "1", "0"),
    span("gateway", "CLIENT", "2", "1"),
    span("page", "SERVER", "3", "2"),
)


def test_a_server_was_called_by_the_next_service_above_it() -> None:
    found = a_trace(*GATEWAY, span("page", "CLIENT", "4", "3"), span("reviews", "SERVER", "5", "4"))

    assert found.chain == {("gateway", "page"), ("page", "reviews")}


def test_a_client_and_its_server_may_share_an_id() -> None:
    found = a_trace(span("page", "CLIENT", "4"), span("reviews", "SERVER", "4", "4"))

    assert found.chain == {("page", "reviews")}


def test_a_span_whose_caller_did_not_tell_has_none() -> None:
    assert a_trace(span("page", "SERVER", "3", "2")).chain == frozenset()


def test_the_request_and_the_versions_that_answered_stand_in_the_spans() -> None:
    found = a_trace(
        span("page", "SERVER", "1", **{"guid:x-request-id": "r", "istio.canonical_revision": "v1"}),
        span(
            "reviews", "SERVER", "2", **{"guid:x-request-id": "r", "istio.canonical_revision": "v2"}
        ),
    )

    assert found.request_ids == {"r"}
    assert found.versions == {"page": "v1", "reviews": "v2"}


def test_a_service_took_as_long_as_its_longest_span() -> None:
    assert a_trace(*GATEWAY).milliseconds("page") == pytest.approx(1.5)
