"""Which load a failure belongs to, with loads that only pretend."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from demo import loads
from demo.load import LoadResult
from demo.loads import Loads
from demo.service import Target

CLUSTER: Any = SimpleNamespace(
    gateway_url="http://gateway", run_dir=Path("/run"), tools=SimpleNamespace(bin_dir=Path("/bin"))
)
SHOP, PAGE = Target("/", host="shop.example.com"), Target("/page")


class Pretended:
    """A load of ten requests, of which one failed."""

    started: tuple[str, ...] = ()

    def __init__(
        self, fortio: Path, url: str, folder: Path, headers: dict[str, str], name: str, **_: Any
    ) -> None:
        self.asked = headers.get("Host", "") + url.removeprefix("http://gateway")
        self.result = LoadResult(10, 1, 0, {"200": 9, "503": 1})

    def __enter__(self) -> "Pretended":
        Pretended.started = (*Pretended.started, self.asked)
        return self

    def __exit__(self, *_: object) -> None:
        """Ends."""

    def counted_between(self, start: float, end: float) -> tuple[int, int]:
        return 10, 1


@pytest.fixture(autouse=True)
def pretended(monkeypatch: pytest.MonkeyPatch) -> None:
    Pretended.started = ()
    monkeypatch.setattr(loads, "BackgroundLoad", Pretended)


def test_every_target_has_a_load_of_its_own_to_the_end() -> None:
    with Loads(CLUSTER, (SHOP, PAGE)) as running:
        running.run(None, faults="")

        assert Pretended.started == ("shop.example.com/", "/page")
        assert running.counted_between(0, 1) == (20, 2)

    assert running.judged.sent == 20
    assert running.judged.by_status == {"200": 18, "503": 2}


def test_what_fails_where_faults_are_intended_is_kept_apart() -> None:
    with Loads(CLUSTER, (PAGE,)) as running:
        running.run(None, faults="aborts")
        running.run(None, faults="")

    assert (running.judged.failed, running.intended.failed) == (2, 1)


def test_other_targets_begin_where_a_chapter_names_them() -> None:
    with Loads(CLUSTER, (PAGE,)) as running:
        running.run((SHOP,), faults="")
        running.run(None, faults="")

    assert Pretended.started == ("/page", "shop.example.com/")


def test_without_targets_nothing_is_asked() -> None:
    with Loads(CLUSTER, ()) as running:
        pass

    assert not running.asked_anything
