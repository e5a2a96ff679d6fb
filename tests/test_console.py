"""What a student sees when something fails."""

from pathlib import Path

import pytest
import typer

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
