"""No run leaves a half-written file behind."""

from pathlib import Path

import pytest

from lab.aside import fingerprint, written_aside


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    """When the block raises, the target is as it was and nothing lies beside it."""
    target = tmp_path / "report.json"
    target.write_text("old")

    def fail_half_way() -> None:
        with written_aside(target) as aside:
            aside.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_is_swapped_whole(tmp_path: Path) -> None:
    """The new folder replaces the old one, whose files are gone."""
    target = tmp_path / "landing"
    target.mkdir()
    (target / "old").touch()
    with written_aside(target) as aside:
        aside.mkdir()
        (aside / "new").touch()
    assert [path.name for path in target.iterdir()] == ["new"]
    assert list(tmp_path.iterdir()) == [target]


def test_a_fingerprint_sees_bytes_and_names(tmp_path: Path) -> None:
    """Other bytes or another file name give another fingerprint; the same content gives the same."""
    (tmp_path / "a").write_text("1")
    first = fingerprint(tmp_path)
    assert fingerprint(tmp_path) == first
    (tmp_path / "a").write_text("2")
    assert fingerprint(tmp_path) != first
    (tmp_path / "a").write_text("1")
    (tmp_path / "b").touch()
    assert fingerprint(tmp_path) != first
