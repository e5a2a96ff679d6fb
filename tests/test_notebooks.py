"""Lessons run from top to bottom, and the notebooks are what their .py says."""

import ast
import importlib.util
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from lab.settings import Settings

FOLDER = Path(__file__).parent.parent / "notebooks"
LESSONS = sorted(FOLDER.glob("[0-9]*.py"))


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_the_notebook_is_generated_from_its_lesson(lesson: Path) -> None:
    """After a change of the .py: run notebooks/generate.py."""
    spec = importlib.util.spec_from_file_location("generate", FOLDER / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert lesson.with_suffix(".ipynb").read_text(encoding="utf-8") == module.generate(lesson)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_defines_nothing(lesson: Path) -> None:
    """Functions and classes live in the packages; lessons import them."""
    tree = ast.parse(lesson.read_text(encoding="utf-8"))
    assert not [
        node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef)
    ]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::RuntimeWarning")
@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_runs(lesson: Path, warehouse: Settings, indexed: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every cell runs in its own kernel, the closing assertion included."""
    monkeypatch.setenv("LAB_HOME", str(indexed.home))
    monkeypatch.setenv("LAB_TICKETS", str(indexed.tickets))
    monkeypatch.delenv("MPLBACKEND", raising=False)  # which Streamlit sets, in the tests of the dashboard
    notebook = nbformat.read(lesson.with_suffix(".ipynb"), as_version=4)
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    assert any("image/png" in str(output) for cell in notebook.cells for output in cell.get("outputs", []))
