"""Write the .ipynb beside each lesson: `.venv/bin/python notebooks/generate.py`.

Lessons are written as .py (py:percent), which can be read, compared and linted; notebooks are made from them,
without outputs.
"""

from pathlib import Path

import jupytext
import nbformat


def generate(lesson: Path) -> str:
    """The notebook of a lesson as JSON. Cell ids are their numbers, so that the same lesson gives the same bytes."""
    notebook = jupytext.read(lesson)
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number:02}"
    return nbformat.writes(notebook) + "\n"


if __name__ == "__main__":
    for lesson in sorted(Path(__file__).parent.glob("[0-9]*.py")):
        lesson.with_suffix(".ipynb").write_text(generate(lesson), encoding="utf-8")
        print(lesson.with_suffix(".ipynb").name)
