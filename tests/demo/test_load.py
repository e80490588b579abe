"""What is read out of fortio's own files."""

import json

import pytest

from demo.load import LoadResult, count_log, read_result


def line(second: float, status: str) -> str:
    return json.dumps({"timestamp": int(second * 1e9), "ok": status == "200", "details": status})


@pytest.mark.parametrize(
    ("by_status", "sockets", "result"),
    [
        ({"200": 90}, 4, LoadResult(90, 0, 0, {"200": 90})),
        ({"200": 90}, 5, LoadResult(90, 0, 1, {"200": 90})),
        (
            {"200": 90, "503": 2, "-1": 1},
            7,
            LoadResult(93, 3, 0, {"200": 90, "503": 2, "-1": 1}),
        ),
    ],
    ids=["all well", "a kept connection broke", "fortio leaves a connection that failed"],
)
def test_the_result_tells_failed_answers_from_broken_connections(
    by_status: dict[str, int], sockets: int, result: LoadResult
) -> None:
    said = {"RetCodes": by_status, "SocketCount": sockets, "NumThreads": 4}

    assert read_result(json.dumps(said)) == result


def test_only_kept_connections_can_break() -> None:
    said = {"RetCodes": {"200": 90}, "SocketCount": 90, "NumThreads": 4}

    found = read_result(json.dumps(said), kept_connections=False)

    assert found == LoadResult(90, 0, 0, {"200": 90})


def test_a_stage_counts_the_requests_of_its_own_time() -> None:
    log = "\n".join([line(9.9, "503"), line(10, "200"), line(10.5, "-1"), line(12, "200")])

    assert count_log(log, 10, 12) == (2, 1)


def test_a_line_that_is_still_being_written_is_left_for_later() -> None:
    assert count_log(line(10, "200") + '\n{"timestamp": 101', 0, 100) == (1, 0)
