import subprocess
from pathlib import Path

import pytest

from local_cluster.errors import ImpossibleHereError, LocalClusterError
from local_cluster.tools import fetch
from local_cluster.tools.catalogue import ADD_ONS, FromDebian, FromMaven

PROMETHEUS, ZIPKIN = ADD_ONS
ROOT = Path(__file__).parents[3]


def test_each_thing_is_fetched_once_for_what_it_is() -> None:
    keys = {
        fetch.fetched_key(item, system) for item in ADD_ONS for system in ("bookworm", "trixie")
    }

    assert len(keys) == 4
    assert fetch.fetched_key(ZIPKIN, "bookworm") == fetch.fetched_key(ZIPKIN, "bookworm")


def test_prometheus_is_a_debian_package_and_zipkin_is_pinned_by_its_content() -> None:
    assert isinstance(PROMETHEUS, FromDebian)
    assert isinstance(ZIPKIN, FromMaven)
    assert len(ZIPKIN.sha256) == 64


def test_no_address_of_a_registry_stands_in_the_sources() -> None:
    for path in ("local_cluster/tools/fetch.py", "local_cluster/tools/catalogue.py"):
        text = (ROOT / path).read_text()
        assert "://" not in text, path


def test_a_machine_that_is_no_debian_is_told_plainly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)

    with pytest.raises(ImpossibleHereError, match="Debian package prometheus: this is no Debian"):
        fetch._fetch(PROMETHEUS, tmp_path)


def test_another_file_than_the_pinned_one_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def maven(command: list[str], folder: Path) -> None:
        assert command[0] == "mvn"
        (folder / "zipkin-server-exec.jar").write_text("something else")

    monkeypatch.setattr(fetch, "_run", maven)

    with pytest.raises(LocalClusterError, match="is not what was pinned: sha256 "):
        fetch._fetch(ZIPKIN, tmp_path)


def test_a_package_is_taken_apart_and_never_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def apt_get(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
        asked.append(arguments[0])
        (folder / "prometheus_2_amd64.deb").touch()
        return subprocess.CompletedProcess([], 0, "", "")

    def extract(command: list[str], _folder: Path) -> None:
        asked.append(command[0])
        for name in ("prometheus", "promtool"):
            file = Path(command[-1]) / "usr/bin" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(name)

    monkeypatch.setattr("shutil.which", lambda _: "/usr/bin/there")
    monkeypatch.setattr(fetch, "apt_get", apt_get)
    monkeypatch.setattr(fetch, "_run", extract)
    fetch._fetch(PROMETHEUS, tmp_path)

    assert asked == ["download", "dpkg-deb"]
    assert sorted(str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file()) == [
        "bin/prometheus",
        "bin/promtool",
    ]
