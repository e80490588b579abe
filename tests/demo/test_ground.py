"""What a walk does with a cluster that it finds."""

from types import SimpleNamespace
from typing import Any

import pytest

from demo import ground
from local_cluster.api import Progress


class Api:
    """The calls that were made, instead of a cluster."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def ensure_tools(self, _: Progress) -> str:
        return "tools"

    def find(self) -> Any:
        return SimpleNamespace(
            place=SimpleNamespace(pulumi_state=SimpleNamespace(exists=lambda: True))
        )

    def down(self) -> None:
        self.calls.append("down")

    def up(self, *_: Any) -> str:
        self.calls.append("up")
        return "cluster"


def with_stacks(monkeypatch: pytest.MonkeyPatch, **resources: int) -> Api:
    api = Api()
    stacks = [{"name": name, "resourceCount": count} for name, count in resources.items()]
    monkeypatch.setattr(ground, "api", api)
    monkeypatch.setattr(ground, "list_stacks", lambda _: stacks)
    return api


def test_an_empty_cluster_is_used_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    api = with_stacks(monkeypatch, dev=0)

    ground.make_ground(Progress())

    assert api.calls == ["up"]


def test_what_an_earlier_walk_left_goes_with_the_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    api = with_stacks(monkeypatch, demo=40)

    ground.make_ground(Progress())

    assert api.calls == ["down", "up"]


def test_an_operators_own_stack_is_not_disturbed(monkeypatch: pytest.MonkeyPatch) -> None:
    api = with_stacks(monkeypatch, demo=40, dev=12)

    with pytest.raises(ground.GroundError, match=r"\(dev\).*make down"):
        ground.make_ground(Progress())

    assert api.calls == []
