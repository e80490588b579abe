from pathlib import Path

import yaml

from local_cluster.images import add_image
from local_cluster.logs import follow, match_logs

LOGS = {
    name: Path(name)
    for name in ("kwok", "bookinfo/reviews-v1-abc/istio-proxy", "bookinfo/reviews-v1-abc/reviews")
}


def test_a_process_is_found_by_its_name() -> None:
    assert list(match_logs(LOGS, "kwok")) == ["kwok"]


def test_a_pod_is_found_by_the_beginning_of_its_name() -> None:
    assert len(match_logs(LOGS, "reviews-v1")) == 2


def test_a_container_is_found_by_its_name() -> None:
    assert list(match_logs(LOGS, "istio-proxy")) == ["bookinfo/reviews-v1-abc/istio-proxy"]


def test_an_unknown_name_finds_nothing() -> None:
    assert match_logs(LOGS, "nobody") == {}


def test_following_starts_at_the_end_and_yields_what_is_written(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("before\n")
    lines = follow({"log": log})
    with log.open("a") as text:
        text.write("after\n")

    assert next(lines) != ("log", "before")


def test_a_registered_image_comes_first(tmp_path: Path) -> None:
    path = tmp_path / "images.yaml"
    path.write_text(yaml.safe_dump([{"image": "*", "mode": "pretend"}]))

    add_image(path, "*/cart", ["cart", "--image", "$(IMAGE)"], user=1000)

    first, second = yaml.safe_load(path.read_text())
    expected = {
        "image": "*/cart",
        "command": ["cart", "--image", "$(IMAGE)"],
        "user": 1000,
        "mode": "process",
    }
    assert expected == first
    assert second["image"] == "*"


def test_an_image_that_is_registered_again_has_one_rule(tmp_path: Path) -> None:
    path = tmp_path / "images.yaml"
    path.write_text("[]")

    add_image(path, "*/cart", ["old"], user=1000)
    add_image(path, "*/cart", ["new"], user=1000)

    (rule,) = yaml.safe_load(path.read_text())
    assert rule["command"] == ["new"]


def test_the_images_that_come_with_the_cluster_say_how_they_are_run() -> None:
    rules = yaml.safe_load(Path("local_cluster/images.yaml").read_text())

    assert {"istio-proxy", "istiod", "process"} == {rule["mode"] for rule in rules}
    assert all(rule["command"] for rule in rules if rule["mode"] == "process")
