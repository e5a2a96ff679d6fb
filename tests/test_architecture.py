"""What keeps the two banks of the river apart, and the door light."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

DOORS = ("sample_data", "lab.landing", "etl_track", "rag_track", "evals", "bridge", "app")
HEAVY = {
    "torch",
    "ragas",
    "dbt",
    "chromadb",
    "sentence_transformers",
    "langchain",
    "duckdb",
    "pyarrow",
    "streamlit",
    "altair",
}


def test_who_may_import_whom() -> None:
    """The two tracks never import each other, and no arrow of the design is reversed."""
    lint_imports = Path(sys.executable).parent / "lint-imports"
    linted = subprocess.run([lint_imports], cwd=ROOT, capture_output=True, text=True, check=False)
    assert "Contracts: 7 kept, 0 broken" in linted.stdout, linted.stdout + linted.stderr


@pytest.mark.parametrize("door", DOORS)
def test_help_answers_without_heavy_imports(door: str) -> None:
    """`--help` of every command line loads none of the libraries that take seconds."""
    code = (
        "import sys, json, runpy; sys.argv = ['x', '--help']\n"
        "try:\n    runpy.run_module(sys.argv.pop(0) and DOOR, run_name='__main__')\n"
        "except SystemExit: pass\n"
        "print('MODULES', json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    ).replace("sys.argv.pop(0) and DOOR", repr(door))
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = json.loads(answer.stdout.split("MODULES", 1)[1])
    assert "Usage" in answer.stdout
    assert not HEAVY & set(loaded)
