"""What a student sees when something fails."""

import os
import shlex
import subprocess
from pathlib import Path

import pytest
import typer
from conftest import ROOT

from lab.console import run
from lab.errors import MissingStep


def app_that_raises(error: Exception) -> typer.Typer:
    app = typer.Typer()

    @app.command()
    def command() -> None:
        raise error

    return app


@pytest.fixture(autouse=True)
def _no_arguments(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("sys.argv", ["x"])
    monkeypatch.setenv("LAB_HOME", str(tmp_path))


def test_a_foreseeable_error_is_two_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """What happened, the next command, exit status 1, no traceback."""
    with pytest.raises(SystemExit) as exit_info:
        run(app_that_raises(MissingStep("There is no index yet.", next_step="make rag")), "stage")
    assert exit_info.value.code == 1
    assert capsys.readouterr().err.splitlines() == ["Failed. There is no index yet.", "Next: make rag"]


def test_any_other_error_goes_to_a_log(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The traceback is in the log that the message names."""
    with pytest.raises(SystemExit):
        run(app_that_raises(ZeroDivisionError("oh")), "stage")
    shown = capsys.readouterr().err
    assert "Traceback" not in shown
    assert "stage.log" in shown
    assert "ZeroDivisionError: oh" in (tmp_path / "logs" / "stage.log").read_text()


def test_square_brackets_of_a_student_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """What was typed is printed as it is, not read as markup."""
    with pytest.raises(SystemExit):
        run(app_that_raises(MissingStep("No [/x] or [bold] here.", next_step="use [y]")), "stage")
    assert "No [/x] or [bold] here." in capsys.readouterr().err


def test_clean_deletes_what_runs_made_and_nothing_else(tmp_path: Path) -> None:
    """Other files in LAB_HOME stay, whatever its name; leftovers of killed runs go."""
    home = tmp_path / "a home"
    for name in ("source", "landing.new-17", "index", "thesis"):
        (home / name).mkdir(parents=True)
    (home / "warehouse.duckdb").touch()
    variables = {**os.environ, "LAB_HOME": str(home)}
    subprocess.run(["make", "clean"], cwd=ROOT, env=variables, capture_output=True, check=True)
    assert [path.name for path in home.iterdir()] == ["thesis"]


def test_a_question_reaches_the_program_as_it_was_typed(tmp_path: Path) -> None:
    """Quotes, dollars, backticks, brackets and a leading dash in Q are text, and nothing of it is executed."""
    question = '-5 hours: it\'s "$HOME" and `touch boo`, [/x]'
    variables = {**os.environ, "LAB_HOME": str(tmp_path)}
    command = ["make", "-n", "ask", f"Q={question}"]
    shown = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=True).stdout
    line = next(line for line in shown.splitlines() if "rag_track ask" in line)
    assert shlex.split(line)[-1] == question
