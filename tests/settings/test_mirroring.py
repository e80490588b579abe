"""Methods that write are mirrored only where the stack file says so twice."""

import pytest

from mesh_canary.settings.release import SAFE_METHODS
from tests.builders import a_release, at


def test_without_a_word_only_methods_that_read_are_mirrored() -> None:
    assert at("mirror").mirror_methods == SAFE_METHODS
    assert at("mirror").mirrored_writes == ()


def test_methods_that_write_need_a_second_word() -> None:
    release = at("mirror", mirror_methods=["GET", "POST"], mirror_writes=True)

    assert release.mirrored_writes == ("POST",)
    with pytest.raises(ValueError, match="written twice"):
        at("mirror", mirror_methods=["GET", "POST"])


@pytest.mark.parametrize("stage", ["dark", "promoted", "rolled_back"])
def test_a_rollback_is_not_refused_for_a_file_without_the_second_word(stage: str) -> None:
    """It counts where something is mirrored; an older file may have it at any stage."""
    assert a_release(stage=stage, mirror_methods=["POST"]).mirror_methods == ("POST",)
