import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesh_canary.release import Mirror, TrafficSplit
from mesh_canary.release.traffic import explain_weights, split_between
from tests.builders import a_split

any_percent = st.integers(min_value=0, max_value=100)


@given(any_percent)
def test_any_weight_gives_a_split_that_sums_to_100(percent: int) -> None:
    split = TrafficSplit(split_between("v1", "v2", percent))

    assert sum(weight for _, weight in split.weights) == 100
    assert split.weight_of("v2") == percent
    assert split.weight_of("v1") == 100 - percent


@given(any_percent)
def test_a_version_without_requests_is_not_named(percent: int) -> None:
    split = TrafficSplit(split_between("v1", "v2", percent))

    assert split.named == {version for version, _ in split.weights}
    assert all(weight > 0 for _, weight in split.weights)


@pytest.mark.parametrize(
    "weights",
    [
        (("v1", 90), ("v2", 9)),
        (("v1", 90), ("v2", 20)),
        (("v1", 100), ("v2", 0)),
        (("v1", 110), ("v2", -10)),
        (("v1", 50), ("v1", 50)),
        (("v1", 99.5), ("v2", 0.5)),
        (("v1", True), ("v2", 99)),
        (),
    ],
)
def test_a_split_that_no_mesh_could_carry_out_as_it_reads_does_not_exist(
    weights: tuple[tuple[str, int], ...],
) -> None:
    with pytest.raises(ValueError, match=r"weights|once"):
        TrafficSplit(weights)


def test_testers_and_the_version_they_see_go_together() -> None:
    with pytest.raises(ValueError, match="testers"):
        a_split(testers=(("end-user", "jason"),))
    with pytest.raises(ValueError, match="testers"):
        a_split(tester_version="v2")


def test_a_split_names_the_versions_of_copies_and_testers_too() -> None:
    split = a_split(
        mirror=Mirror("v2", 100, ("GET",)),
        testers=(("end-user", "jason"),),
        tester_version="v3",
    )

    assert split.named == {"v1", "v2", "v3"}


def test_weights_are_read_by_version() -> None:
    assert explain_weights({"v2": 10, "v1": 90}) == "v1 90 %, v2 10 %"
