"""The access log of a sidecar, as a walk reads it."""

from demo.access_log import Line, lines_in

INBOUND = (
    '[2026-11-20T12:00:00.000Z] "GET /mirroring?n=1 HTTP/1.1" 200 - via_upstream - "-" 0 99 1 0 "10.99.0.1"'
    ' "agent/1 (x)" "7c6f1a" "127.0.0.1:8080" "10.99.1.4:8080" inbound|8080||'
    " 127.0.0.6:4711 10.99.1.4:8080 10.99.0.1:0 outbound_.8080_.v1_.app.ns.svc.cluster.local default traceID=-\n"
)


def test_a_request_is_told_by_method_path_and_id() -> None:
    assert lines_in(INBOUND) == [Line("GET", "/mirroring?n=1", "7c6f1a", "agent/1 (x)")]


def test_what_a_pod_sends_itself_and_what_a_proxy_says_beside_is_passed_over() -> None:
    outbound = INBOUND.replace(" inbound|8080||", " outbound|9080||ratings")

    assert lines_in(f"2026-11-20T12:00:00Z info Envoy proxy is ready\n{outbound}") == []


def test_our_own_look_at_the_counters_is_passed_over() -> None:
    assert lines_in(INBOUND.replace("/mirroring?n=1", "/stand-in/requests")) == []
