from pathlib import Path

import pytest

from local_cluster.tools.cache import appearing_whole, cache_dir, remove_read_only


def test_a_folder_appears_under_its_name_only_when_it_is_full(tmp_path: Path) -> None:
    target = tmp_path / "tool"

    with appearing_whole(target) as draft:
        (draft / "file").write_text("content")
        assert not target.exists()

    assert (target / "file").read_text() == "content"


def test_what_an_interrupted_build_left_is_thrown_away(tmp_path: Path) -> None:
    target = tmp_path / "tool"
    with pytest.raises(KeyboardInterrupt), appearing_whole(target) as draft:
        (draft / "half").touch()
        raise KeyboardInterrupt

    with appearing_whole(target) as draft:
        (draft / "whole").touch()

    assert [file.name for file in target.iterdir()] == ["whole"]


def test_the_cache_is_where_it_is_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/caches")
    monkeypatch.delenv("MESH_CANARY_CACHE", raising=False)
    assert Path("/caches/mesh-canary") == cache_dir()

    monkeypatch.setenv("MESH_CANARY_CACHE", "/elsewhere")
    assert Path("/elsewhere") == cache_dir()


def test_read_only_files_of_a_module_cache_are_removed(tmp_path: Path) -> None:
    module = tmp_path / "modules" / "example@v1"
    module.mkdir(parents=True)
    (module / "go.mod").touch(mode=0o444)
    module.chmod(0o555)

    remove_read_only(tmp_path / "modules")

    assert not (tmp_path / "modules").exists()
