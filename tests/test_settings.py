"""Settings come from one place, and a wrong one is named."""

from pathlib import Path

import pytest

from lab.errors import ConfigError
from lab.settings import read_settings


def test_variable_wins_over_file_wins_over_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """LAB_TICKETS beats lab.toml, lab.toml beats the default."""
    monkeypatch.setattr("lab.settings.ROOT", tmp_path)
    assert read_settings().tickets == 1200
    (tmp_path / "lab.toml").write_text("tickets = 300\nseed = 3\n")
    assert read_settings().tickets == 300
    monkeypatch.setenv("LAB_TICKETS", "400")
    settings = read_settings()
    assert (settings.tickets, settings.seed) == (400, 3)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("LAB_TICKETS", "many", "LAB_TICKETS"),
        ("LAB_TICKETS", "5", "greater than or equal to 100"),
        ("LAB_PRECISION", "fp8", "LAB_PRECISION"),
        ("LAB_CHUNK_OVERLAP", "900", "must be below LAB_CHUNK_SIZE"),
    ],
)
def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str) -> None:
    """The error says which setting is wrong and what it got."""
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=says):
        read_settings()


def test_lab_toml_that_is_not_toml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken lab.toml is an error that names the file, not a traceback."""
    monkeypatch.setattr("lab.settings.ROOT", tmp_path)
    (tmp_path / "lab.toml").write_text("tickets = = 3")
    with pytest.raises(ConfigError, match=r"lab\.toml"):
        read_settings()


def test_home_is_the_same_from_every_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """A notebook, which runs in its own folder, sees what `make lab` made."""
    here = read_settings().home.resolve()
    monkeypatch.chdir(Path(__file__).parent)
    assert read_settings().home.resolve() == here


def test_an_unknown_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """LAB_TOPK is no setting, LAB_TOP_K is; an empty variable is none at all."""
    monkeypatch.setenv("LAB_HOME", "")
    assert read_settings().home.name == "out"
    monkeypatch.setenv("LAB_TOPK", "3")
    with pytest.raises(ConfigError, match="LAB_TOPK") as error:
        read_settings()
    assert "LAB_TOP_K" in error.value.next_step
