"""The README cannot lie: its targets exist, its settings are all there, its examples run."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from conftest import ROOT

from lab.settings import Settings

README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = re.findall(r"^([a-z-]+):.*?## ", MAKEFILE, re.M)
SETTINGS = [line for line in README.splitlines() if line.startswith("| `LAB_")]
RIVER = ["setup", "data", "landing", "etl", "rag", "ask", "evals", "compare", "tomorrow", "forget", "clean"]


def outside_make() -> dict[str, str]:
    """The environment as a reader's shell has it: the tests themselves may have been started by make."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("LAB_", "MAKE", "MFLAGS"))}


def documents() -> list[Path]:
    found = subprocess.run(["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in found.stdout.split()]


def test_the_readme_is_short() -> None:
    """Under 170 lines, a third of them tables, so that it is read."""
    assert len(README.splitlines()) < 170


def test_every_documented_target_exists() -> None:
    """Each `make …` in any document and in any message to the student names a target of the Makefile."""
    packages = ("lab", "sample_data", "etl_track", "rag_track", "evals", "bridge")
    code = [path for folder in packages for path in (ROOT / folder).rglob("*.py")]
    for path in [*documents(), *code]:
        text = path.read_text(encoding="utf-8")
        named = re.findall(r"(?:`|next_step=\"|and |^)make ([a-z]+)", text, re.M)
        assert set(named) <= set(TARGETS), path


def test_make_lists_every_target_in_the_order_of_the_river() -> None:
    """`make` alone prints each target with one line, the river's in their order."""
    done = subprocess.run(["make"], cwd=ROOT, env=outside_make(), capture_output=True, text=True, check=True)
    shown = done.stdout.splitlines()
    listed = [line.split()[1] for line in shown]
    assert listed == TARGETS
    assert [name for name in listed if name in RIVER] == RIVER
    assert all(len(line) <= 100 for line in shown)


def test_every_setting_is_in_the_readme() -> None:
    """The table of settings has each one, with its default; those of one default may share a row."""
    for name, field in Settings.model_fields.items():
        row = next(line for line in SETTINGS if f"`LAB_{name.upper()}`" in line.split("|")[1])
        if name != "home":
            default = str(field.default).lower() if isinstance(field.default, bool) else str(field.default)
            assert "| none |" in row if default in ("", "None") else f"`{default}`" in row


def examples() -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", README, re.S)
    lines = [line.split("  #")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line and not line.startswith("git clone")]


def test_the_two_commands_are_there() -> None:
    """The examples begin with make lab, and make test is among them."""
    assert examples()[0] == "make lab"
    assert "make test" in examples()


@pytest.mark.slow
@pytest.mark.parametrize("command", [line for line in examples() if line != "make test"])
def test_every_example_runs(command: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Each command of the README's blocks ends well, in the order in which a reader types them.

    On a smaller company, so that it takes seconds; the gates belong to the default one and may fail on it.
    """
    home = tmp_path_factory.getbasetemp() / "readme"
    variables = outside_make() | {"LAB_HOME": str(home), "LAB_TICKETS": "300"}
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
    only_gates = "gates failed" in done.stderr
    assert done.returncode == 0 or only_gates, done.stdout + done.stderr
