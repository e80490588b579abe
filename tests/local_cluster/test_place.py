from pathlib import Path

import pytest

from local_cluster.place import Place


def test_two_clones_have_clusters_of_different_names(tmp_path: Path) -> None:
    first, second = Place(tmp_path / "first"), Place(tmp_path / "second")

    assert first.namespace != second.namespace
    assert first.run_dir != second.run_dir


def test_a_clone_reached_through_a_link_is_the_same_clone(tmp_path: Path) -> None:
    (tmp_path / "clone").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "clone")

    assert Place(tmp_path / "clone").id == Place(tmp_path / "link").id


def test_the_run_folder_of_a_cluster_is_found_when_tmpdir_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(tmp_path)
    started_with = place.run_dir
    place.clone_dir.mkdir()
    (place.clone_dir / "run").symlink_to(started_with)

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "elsewhere"))

    assert place.run_dir == started_with


def test_names_of_namespaces_fit_the_kernel_s_limit(tmp_path: Path) -> None:
    """An interface name has at most 15 bytes, and pods' interfaces are called after the namespace."""
    assert len(f"{Place(tmp_path).namespace}-999") <= 15
