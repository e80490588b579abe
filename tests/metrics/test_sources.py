"""Queries and answers of the metrics sources, as text. Real Prometheus is asked in tests/cluster."""

import json

import pytest

from mesh_canary.metrics import ENVOY, ISTIO, SOURCES, MetricsSource, Target, read_by_version

REVIEWS = Target("bookinfo", "reviews", 9080)
every_source = pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)


def answer(*samples: tuple[dict[str, str], str], kind: str = "vector") -> str:
    """What Prometheus says on /api/v1/query."""
    result = [{"metric": metric, "value": [1.5, value]} for metric, value in samples]
    return json.dumps({"status": "success", "data": {"resultType": kind, "result": result}})


def queries_of(source: MetricsSource) -> list[str]:
    return [
        source.requests(REVIEWS, 60),
        source.rate(REVIEWS, 60),
        source.failures(REVIEWS, 60),
        source.latency(REVIEWS, 60, 0.99),
    ]


@every_source
def test_every_query_answers_by_version_and_by_nothing_else(source: MetricsSource) -> None:
    assert all(query.startswith("sum by (version) (") for query in queries_of(source))


@every_source
def test_every_query_is_about_the_service_and_the_window(source: MetricsSource) -> None:
    for query in queries_of(source):
        assert "reviews" in query
        assert "bookinfo" in query
        assert "[60s]" in query


def test_istio_is_asked_what_callers_saw() -> None:
    assert 'reporter="source"' in ISTIO.requests(REVIEWS, 60)
    assert ISTIO.requests(REVIEWS, 60) == (
        'sum by (version) (label_replace(sum by (destination_version) (increase(istio_requests_total{reporter="source",'
        'destination_service_namespace="bookinfo",destination_service_name="reviews"}[60s])), '
        '"version", "$1", "destination_version", "(.+)"))'
    )


def test_envoy_is_asked_for_the_subsets_of_the_service_alone() -> None:
    selector = (
        r'cluster_name=~"outbound\\|9080\\|[^|]+\\|reviews\\.bookinfo\\.svc\\.cluster\\.local"'
    )

    assert selector in ENVOY.rate(REVIEWS, 60)


@every_source
def test_an_answer_is_read_by_version(source: MetricsSource) -> None:
    said = answer(({"version": "v1"}, "90.5"), ({"version": "v2"}, "9.5"))

    assert read_by_version(source, ("v1", "v2"), said) == {"v1": 90.5, "v2": 9.5}


def test_a_subset_is_read_as_the_version_that_it_is_of() -> None:
    """A subset is named 1-0 for 1.0: a DNS label takes no point."""
    assert read_by_version(ENVOY, ("1.0",), answer(({"version": "1-0"}, "3"))) == {"1.0": 3.0}


@every_source
def test_what_nothing_is_known_of_is_left_out_and_not_0(source: MetricsSource) -> None:
    said = answer(({"version": "v1"}, "NaN"), ({"version": "other"}, "1"), ({}, "1"))

    assert read_by_version(source, ("v1", "v2"), said) == {}


@pytest.mark.parametrize(
    "said",
    [answer(kind="matrix"), json.dumps({"status": "error", "error": "parse error at char 1"})],
)
def test_an_answer_that_is_no_vector_is_refused(said: str) -> None:
    with pytest.raises(ValueError, match=r"no vector: (matrix|parse error)"):
        read_by_version(ISTIO, ("v1",), said)
