import pytest

from local_cluster import requirements
from local_cluster.errors import ImpossibleHereError
from local_cluster.progress import Progress

EVERYTHING = (1 << 41) - 1


def test_root_on_linux_can_run_a_cluster() -> None:
    assert requirements.explain_missing_rights("Linux", EVERYTHING) is None


@pytest.mark.parametrize("missing", [12, 21])
def test_an_account_without_the_right_is_told_in_one_line(missing: int) -> None:
    text = requirements.explain_missing_rights("Linux", EVERYTHING & ~(1 << missing))

    assert text is not None
    assert "needs root" in text
    assert "\n" not in text


def test_another_system_is_told_in_one_line() -> None:
    text = requirements.explain_missing_rights("Darwin", EVERYTHING)

    assert text == "the local cluster needs Linux (network namespaces); this is Darwin"


def test_packages_that_cannot_be_installed_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)

    with pytest.raises(ImpossibleHereError, match="iproute2 iptables util-linux"):
        requirements.require_packages(Progress())
