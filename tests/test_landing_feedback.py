"""The third source: feedback on drafts is landed as it was given, whatever the help desks say; nothing is lost."""

import json
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from conftest import land_exports
from draft_verdicts import draft_of, give
from hypothesis import given
from hypothesis import strategies as st
from test_landing import ticket

import lab.landing.land as landing
from lab.errors import StageFailed
from lab.landing.feedback import DRAFT_FEEDBACK, landed_row, read_feedback
from lab.landing.read import Unreadable
from lab.settings import Settings, read_settings
from rag_track.service.store import Store
from sample_data.extract import extract

AT = datetime(2026, 7, 1, 9, 30, 15, tzinfo=UTC)


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    """A help desk with one ticket."""
    folder = tmp_path / "exports"
    (folder / "zendesk").mkdir(parents=True)
    (folder / "zendesk" / "tickets.jsonl").write_bytes(ticket(updated_at="2026-02-01T00:00:00Z"))
    return folder


def give_one(settings: Settings, place: int = 1, verdict: str = "edited") -> None:
    store = Store(settings.feedback)
    draft = draft_of(place, "zendesk-1", "Press [Retry]. [zendesk-400001]", False)
    store.add_draft(draft, AT)
    give(store, draft, verdict, AT, place)


def rows(settings: Settings) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pq.read_table(settings.landing / "lab" / "draft_feedback").to_pylist()
    return found


def manifest_of(settings: Settings) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((settings.landing / "manifest.json").read_text())
    return found


def spoil(settings: Settings, *statements: str) -> None:
    with closing(sqlite3.connect(settings.feedback)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def test_without_feedback_the_table_is_there_and_empty(exports: Path, tmp_path: Path) -> None:
    """No store, or a store without a row: the columns are those of feedback, so that the models can be built."""
    settings = land_exports(exports, tmp_path / "out")
    names = pq.read_schema(settings.landing / "lab" / "draft_feedback" / "part-0.parquet").names
    assert names == [*DRAFT_FEEDBACK.columns, "_more", "_source", "_loaded_at"]
    Store(settings.feedback)
    assert read_feedback(settings.feedback).rows == rows(settings) == []


def test_feedback_is_landed_as_it_was_given(exports: Path, tmp_path: Path) -> None:
    """Verdict, both texts, citations and filters, with the times of the draft and of the verdict, in UTC."""
    settings = read_settings(home=tmp_path / "out", exports=exports)
    give_one(settings)
    give_one(settings, 2, "rejected")
    settings = land_exports(exports, tmp_path / "out")
    edited, rejected = rows(settings)
    assert edited["ticket_id"] == "zendesk-1"
    assert (edited["verdict"], edited["agent_id"]) == ("edited", "agent-1")
    assert edited["draft_text"] == "Press [Retry]. [zendesk-400001]"
    assert edited["edited_text"].startswith("Drucken")
    assert edited["given_at"] == edited["drafted_at"] == "2026-07-01T09:30:15Z"
    assert json.loads(edited["filters"])["product_category"] == "exports"
    lists = [json.loads(edited[name]) for name in ("citations", "citations_kept", "citations_dropped")]
    assert lists == [["zendesk-400001", "intercom-2150"], ["zendesk-400001"], ["intercom-2150"]]
    assert (rejected["edited_text"], rejected["reason"], edited["_source"]) == (None, "no use", "lab")
    assert manifest_of(settings)["rows"]["lab/draft_feedback"] == 2


def test_new_feedback_is_landed_though_the_help_desks_are_unchanged(
    exports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """They are not asked again, what both tracks read stays as it was, and old feedback keeps the time it came."""
    settings = land_exports(exports, tmp_path / "out")
    give_one(settings)
    land_exports(exports, tmp_path / "out")
    [before], first = rows(settings), manifest_of(settings)
    give_one(settings, 2)
    monkeypatch.setattr(landing, "pull", None)
    land_exports(exports, tmp_path / "out")
    assert rows(settings)[0] == before
    assert rows(settings)[1]["_loaded_at"] > before["_loaded_at"]
    assert manifest_of(settings)["extracted_from"] == first["extracted_from"]
    assert manifest_of(settings)["feedback_from"] != first["feedback_from"]
    assert "2 of them are feedback on drafts" in capsys.readouterr().out
    land_exports(exports, tmp_path / "out")
    assert "unchanged" in capsys.readouterr().out


def test_the_sample_companys_feedback_is_landed(landed: Settings, tmp_path: Path, monkeypatch: Any) -> None:
    """Also when nothing but feedback is new at the company, whose APIs are then not asked."""
    settings = landed.model_copy(update={"home": tmp_path})
    for name in ("source", "landing", "extract"):
        shutil.copytree(landed.home / name, tmp_path / name)
    give_one(settings)
    monkeypatch.setattr(landing, "pull", None)
    extract(settings)
    assert [row["ticket_id"] for row in rows(settings)] == ["zendesk-1"]
    assert rows(settings)[0]["_loaded_at"].isoformat() == manifest_of(settings)["clock"]


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("update feedback set feedback = '{\"verdict\": '", "the feedback is not JSON"),
        ("update feedback set feedback = x'ff00'", "the feedback is not JSON"),
        ("update feedback set feedback = '[]'", "the feedback is not a JSON object"),
        ("update feedback set feedback = json_remove(feedback, '$.agent_id')", "agent_id is missing"),
        ("update feedback set feedback = json_remove(feedback, '$.text')", "text is missing"),
        ("update feedback set feedback = json_set(feedback, '$.verdict', 'liked')", "verdict is none of"),
        ("update feedback set feedback = json_set(feedback, '$.citations_kept', 5)", "citations_kept is no list"),
        ("update feedback set stored_at = 'soon'", "given_at is no time"),
        ("update drafts set draft = json_remove(draft, '$.text')", "draft_text is missing"),
        ("update drafts set draft = 'null'", "the draft is not a JSON object"),
        ("delete from drafts", "the draft is missing"),
    ],
)
def test_what_cannot_be_read_is_rejected_with_its_reason(
    exports: Path, tmp_path: Path, statement: str, reason: str
) -> None:
    """Broken JSON, a missing field, feedback without its draft: counted with a reason, and the rest is landed."""
    settings = read_settings(home=tmp_path / "out", exports=exports)
    give_one(settings, 1)
    give_one(settings, 2)
    first = "select min(sequence) from feedback"
    where = (
        f"sequence = ({first})"
        if "feedback set" in statement
        else f"sequence = ({first.replace('feedback', 'drafts')})"
    )
    spoil(settings, f"{statement} where {where}")
    settings = land_exports(exports, tmp_path / "out")
    assert [row["sequence"] for row in rows(settings)] == [2]
    [(said, count)] = manifest_of(settings)["rejects"]["lab/draft_feedback"].items()
    assert said.startswith(reason)
    assert count == 1
    [reject] = pq.read_table(settings.landing / "lab" / "rejects").to_pylist()
    assert (reject["source"], reject["table"], reject["line"]) == ("lab", "draft_feedback", 1)


def test_a_file_that_is_no_store_stops_the_landing(exports: Path, tmp_path: Path) -> None:
    """The old landing stays, and the error says which file it is."""
    settings = land_exports(exports, tmp_path / "out")
    settings.feedback.parent.mkdir()
    settings.feedback.write_text("no database, though it is long enough to be one" * 100)
    with pytest.raises(StageFailed, match=r"service\.sqlite cannot be read") as failed:
        land_exports(exports, tmp_path / "out")
    assert failed.value.next_step.startswith("mv ")
    assert rows(settings) == []


json_text = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(), children, max_size=3),
    max_leaves=5,
)
fields = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(("verdict", "agent_id", "text", "citations_kept", "citations", "declined"), json_text),
)


@given(feedback=fields.map(json.dumps) | st.text(), draft=fields.map(json.dumps) | st.text() | st.none())
def test_whatever_is_stored_is_a_row_or_a_reason(feedback: str, draft: str | None) -> None:
    """Any text in the store gives a row with all columns, or Unreadable, and nothing else."""
    stored = {"feedback_id": "f", "sequence": 1, "draft_id": "d", "given_at": "2026-07-01", "drafted_at": "2026-07-01"}
    try:
        row = landed_row(stored | {"feedback": feedback, "draft": draft})
    except Unreadable:
        return
    assert set(row) == {*DRAFT_FEEDBACK.columns, "_more"}
