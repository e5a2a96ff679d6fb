"""Somebody's own exports run through the whole river, and what cannot be told is said."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

from lab.report import read_report
from lab.settings import Settings, read_settings
from sample_data.generate import generate


def run(stage: list[str], home: Path, exports: Path) -> str:
    variables = {
        "PATH": "/usr/bin:/bin",
        "LAB_HOME": str(home),
        "LAB_EXPORTS": str(exports),
        "PYTHONWARNINGS": "ignore",
    }
    command = [sys.executable, "-m", *stage]
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{stage}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.slow
def test_intercom_alone_without_companies_runs_whole(source: Settings, tmp_path: Path) -> None:
    """Conversations, contacts and admins, some fields missing: every stage runs, gates are skipped and said so."""
    exports = tmp_path / "exports" / "intercom"
    exports.mkdir(parents=True)
    for name in ("contacts", "admins"):
        shutil.copy(source.source / "intercom" / f"{name}.jsonl", exports)
    lines = (source.source / "intercom" / "conversations.jsonl").read_text().splitlines()
    talks = [json.loads(line) for line in lines]
    optional = ("statistics", "custom_attributes", "tags", "title", "teammates", "conversation_rating")
    kept = [{name: value for name, value in talk.items() if name not in optional} for talk in talks]
    (exports / "conversations.jsonl").write_text("\n".join(json.dumps(talk) for talk in kept))
    before = sorted(exports.parent.rglob("*"))
    home = tmp_path / "out"
    said = [
        run(stage, home, exports.parent)
        for stage in (
            ["sample_data", "generate"],
            ["sample_data", "extract"],
            ["etl_track", "build"],
            ["rag_track", "build"],
            ["evals"],
            ["bridge", "compare"],
        )
    ]
    assert "could not tell the customer's tier" in said[2]
    assert "there is no truth to compare with" in said[2]
    assert "there is no golden set" in said[4]
    assert "No question was asked" in said[5]
    assert read_report(home / "reports" / "etl.json", make="etl")["unknown"]["the product"] > 50
    assert read_report(home / "reports" / "rag.json", make="rag")["documents"] > 50
    assert sorted(exports.parent.rglob("*")) == before  # nothing is written among somebody's exports


def test_an_account_is_never_scored_with_the_company(tmp_path: Path) -> None:
    """Settings that name an account do not see the sample company's truth, which may lie in the same home."""
    company = read_settings(home=tmp_path, tickets=100)
    generate(company)
    account = read_settings(home=tmp_path, intercom_token="token")
    assert (company.source / "golden").is_dir()
    assert not (account.source / "golden").exists()
