import json
from pathlib import Path

import pytest

from local_cluster.place import Place
from local_cluster.status import ProcessState, container_states, explain_dead


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    place = Place(tmp_path / "clone")
    place.pods_dir.mkdir(parents=True)
    return place


def state(tmp_path: Path, *, alive: bool, lines: int = 0) -> ProcessState:
    log = tmp_path / "etcd.log"
    log.write_text("".join(f"line {number}\n" for number in range(lines)))
    return ProcessState("etcd", 1, alive, log)


def test_nothing_is_said_while_everything_lives(tmp_path: Path) -> None:
    assert explain_dead([state(tmp_path, alive=True)]) is None


def test_a_dead_process_is_named_with_the_end_of_its_log(tmp_path: Path) -> None:
    text = explain_dead([state(tmp_path, alive=False, lines=20)])

    assert text is not None
    assert text.startswith("etcd has ended.")
    assert text.endswith("    line 19")
    assert "line 11\n" not in text


def test_a_dead_process_without_a_log_is_named_too(tmp_path: Path) -> None:
    assert explain_dead([state(tmp_path, alive=False)]) == "etcd has ended. It wrote no log."


def test_only_containers_that_ought_to_run_as_processes_are_listed(place: Place) -> None:
    def container(name: str, *, mode: str = "process", init: bool = False) -> dict[str, object]:
        return {
            "name": name, "mode": mode, "init": init,
            "pid": 0, "start_time": 0, "log": "", "restarts": 2,
        }  # fmt: skip

    folder = place.pods_dir / "shop_cart"
    folder.mkdir()
    containers = [container("cart"), container("setup", init=True), container("x", mode="pretend")]
    pod = {"namespace": "shop", "pod": "cart", "containers": containers}
    (folder / "pod.json").write_text(json.dumps(pod))

    (listed,) = container_states(place)

    assert (listed.name, listed.alive, listed.restarts) == ("shop/cart/cart", False, 2)


def test_a_pod_whose_record_is_being_removed_is_passed_over(place: Place) -> None:
    (place.pods_dir / "shop_cart").mkdir()
    (place.pods_dir / "shop_cart" / "pod.json").write_text("")

    assert container_states(place) == []
