from demo.api_calls import Calls, read_calls

STATS = """\
# TYPE envoy_http_downstream_rq counter
envoy_http_downstream_rq{response_code_class="2xx",http_conn_manager_prefix="outbound_0.0.0.0_5000"} 300
envoy_http_downstream_rq{response_code_class="5xx",http_conn_manager_prefix="outbound_0.0.0.0_5000"} 100
envoy_http_downstream_rq{http_conn_manager_prefix="outbound_0.0.0.0_5200",response_code_class="4xx"} 7
envoy_http_downstream_rq{response_code_class="5xx",http_conn_manager_prefix="inbound_0.0.0.0_7005"} 9
envoy_http_downstream_rq_completed{http_conn_manager_prefix="outbound_0.0.0.0_5000"} 400
"""


def test_calls_are_counted_by_the_port_that_is_called() -> None:
    assert read_calls(STATS) == {5000: Calls(400, 100), 5200: Calls(7, 0)}


def test_a_proxy_that_keeps_no_figures_has_none() -> None:
    assert read_calls("") == {}


def test_what_came_since_is_the_difference() -> None:
    assert Calls(410, 101).since(Calls(400, 100)) == Calls(10, 1)
