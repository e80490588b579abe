"""No rotation of Linkerd's certificates leaves two pods that do not trust each other, while they restart one by one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesh_canary.release.trust import Trust, check_rotation
from mesh_canary.settings import LinkerdSettings

NAMES = ("root-1", "root-2", "root-3")
OLD, BOTH = Trust(("root-1",), "root-1"), Trust(("root-1", "root-2"), "root-1")
SIGNING, NEW = Trust(("root-1", "root-2"), "root-2"), Trust(("root-2",), "root-2")


@st.composite
def trusts(draw: st.DrawFn) -> Trust:
    """Any trust that settings can have: the signer is one of the anchors."""
    anchors = draw(st.lists(st.sampled_from(NAMES), min_size=1, unique=True))
    return Trust(tuple(anchors), draw(st.sampled_from(anchors)))


def accepts(one: Trust, other: Trust) -> bool:
    """Whether a pod that started at `one` trusts the certificate of a pod that started at `other`."""
    return other.signer in one.anchors


@given(before=trusts(), after=trusts())
def test_a_move_is_legal_exactly_when_old_and_new_pods_trust_each_other(
    before: Trust, after: Trust
) -> None:
    legal = accepts(before, after) and accepts(after, before)

    assert (check_rotation(before, after) == []) == legal


def test_an_anchor_is_replaced_in_three_runs() -> None:
    assert check_rotation(None, OLD) == []
    assert check_rotation(OLD, BOTH) == []
    assert check_rotation(BOTH, SIGNING) == []
    assert check_rotation(SIGNING, NEW) == []


@pytest.mark.parametrize(
    ("before", "after", "keys"),
    [
        (OLD, NEW, {"mesh.issuer.anchor", "mesh.trust_anchors"}),
        (OLD, SIGNING, {"mesh.issuer.anchor"}),
        (BOTH, NEW, {"mesh.trust_anchors"}),
    ],
)
def test_a_run_that_is_left_out_is_refused_with_the_one_to_do_first(
    before: Trust, after: Trust, keys: set[str]
) -> None:
    problems = check_rotation(before, after)

    assert {problem.key for problem in problems} == keys
    assert all(problem.hint for problem in problems)


def test_a_move_that_was_not_finished_may_be_taken_back() -> None:
    """The state still says where the last finished run was."""
    assert check_rotation(BOTH, OLD) == []
    assert check_rotation(SIGNING, BOTH) == []


@given(one=trusts(), other=trusts())
def test_pods_are_marked_anew_exactly_when_what_they_trust_changes(
    one: Trust, other: Trust
) -> None:
    assert (one.mark == other.mark) == (one == other)


@given(trust=trusts())
def test_what_the_state_keeps_is_read_back_as_it_was(trust: Trust) -> None:
    assert Trust.from_outputs(trust.to_outputs()) == trust


def test_a_single_anchor_signs_without_being_told_to() -> None:
    mesh = LinkerdSettings(kind="linkerd", install=True, version="2026.8.4")

    assert Trust.of(mesh) == OLD
