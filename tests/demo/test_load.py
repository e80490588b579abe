"""What is read out of fortio's own files."""

import json

from demo.load import LoadResult, count_log, read_result


def line(second: float, status: str) -> str:
    return json.dumps({"timestamp": int(second * 1e9), "ok": status == "200", "details": status})


def test_the_result_counts_statuses_missing_answers_and_broken_connections() -> None:
    said = {"RetCodes": {"200": 90, "503": 2, "-1": 1}, "SocketCount": 5, "NumThreads": 4}

    assert read_result(json.dumps(said)) == LoadResult(
        sent=93, failed=3, broken_connections=1, by_status={"200": 90, "503": 2, "-1": 1}
    )


def test_a_stage_counts_the_requests_of_its_own_time() -> None:
    log = "\n".join([line(9.9, "503"), line(10, "200"), line(10.5, "-1"), line(12, "200")])

    assert count_log(log, 10, 12) == (2, 1)


def test_a_line_that_is_still_being_written_is_left_for_later() -> None:
    assert count_log(line(10, "200") + '\n{"timestamp": 101', 0, 100) == (1, 0)
