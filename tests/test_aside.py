"""No run leaves a half-written file behind."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

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


KILLED = """
import os, signal, sys
from pathlib import Path
from lab.aside import written_aside

with written_aside(Path(sys.argv[1])) as aside:
    aside.mkdir()
    (aside / "half").touch()
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_run_left_is_cleared_up(tmp_path: Path) -> None:
    """After a kill in the middle the old folder is there; the next write leaves nothing of the killed one."""
    target = tmp_path / "index"
    target.mkdir()
    (target / "old").touch()
    done = subprocess.run([sys.executable, "-c", KILLED, str(target)], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    assert [path.name for path in target.iterdir()] == ["old"]
    assert len(list(tmp_path.iterdir())) == 2
    with written_aside(target) as aside:
        aside.mkdir()
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_that_a_killed_run_had_moved_away_comes_back(tmp_path: Path) -> None:
    """Killed between the two renames, a run leaves the old folder under another name: a write that fails shows it."""
    gone = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    target, moved = tmp_path / "index", tmp_path / f"index.old-{int(gone.stdout)}"
    moved.mkdir()
    (moved / "old").touch()
    with pytest.raises(RuntimeError), written_aside(target):
        raise RuntimeError
    assert [path.name for path in target.iterdir()] == ["old"]
    assert list(tmp_path.iterdir()) == [target]


def test_what_a_running_process_writes_is_left_alone(tmp_path: Path) -> None:
    """Somebody else's half-written file is theirs, and so is a file that only looks like one."""
    target = tmp_path / "report"
    others = [tmp_path / f"report.new-{os.getppid()}", tmp_path / "report.json.new-1", tmp_path / "report.new-x"]
    for other in others:
        other.touch()
    with written_aside(target) as aside:
        aside.touch()
    assert sorted(tmp_path.iterdir()) == sorted([target, *others])


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
