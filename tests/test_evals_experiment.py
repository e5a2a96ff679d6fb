"""An experiment compares configurations on the same queries, shares what it can, and goes on after an interruption."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from evals.__main__ import app
from lab.settings import Settings

run = CliRunner()
TWO = """
split = "dev"
[[rung]]
name = "dense"
settings = {retriever = "dense"}
[[rung]]
name = "same product"
filters = ["product_category"]
[[rung]]
name = "small chunks"
settings = {chunk_size = 300, chunk_overlap = 30}
"""


@pytest.mark.slow
def test_a_ladder_is_climbed_and_can_be_interrupted(
    thin: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every rung has its scores with intervals and the change to the one below; a second run scores nothing anew."""
    home = tmp_path / "out"
    for folder in ("source", "landing", "index"):
        shutil.copytree(thin.home / folder, home / folder)
    monkeypatch.setenv("LAB_HOME", str(home))
    file = tmp_path / "two.toml"
    file.write_text(TWO, encoding="utf-8")

    with monkeypatch.context() as patched:  # stopped at the third rung
        import evals.experiment

        whole = evals.experiment.indexed

        def stop(settings: Settings, wanted: Settings, knowledge: object) -> Settings:
            if wanted.chunk_size == 300:
                raise KeyboardInterrupt
            return whole(settings, wanted, knowledge)  # type: ignore[arg-type]

        patched.setattr(evals.experiment, "indexed", stop)
        run.invoke(app, ["experiment", str(file)])
    assert len(list((home / "experiments").glob("*.json"))) == 2

    answer = run.invoke(app, ["experiment", str(file)], catch_exceptions=False)
    assert answer.exit_code == 0, answer.output
    assert max(map(len, answer.output.splitlines())) <= 100
    report = json.loads((home / "reports" / "experiment-two.json").read_text())
    dense, same, small = report["runs"]
    assert dense["change"] is None
    assert same["change"]["difference"]["mean"] == pytest.approx(
        same["metrics"]["ndcg@10"]["mean"] - dense["metrics"]["ndcg@10"]["mean"], abs=1e-3
    )
    assert same["chunks"] == dense["chunks"] < small["chunks"]
    assert "Take “" in report["recommendation"]
    page = (home / "reports" / "experiment-two.html").read_text()
    assert "<svg" in page
    with monkeypatch.context() as patched:
        patched.setattr("evals.experiment.score", None)  # everything is known
        assert run.invoke(app, ["experiment", str(file)], catch_exceptions=False).exit_code == 0
