"""Redaction against the truth: what was planted is found, and the measure counts each mistake."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from lab.errors import MissingStep
from lab.settings import Settings
from rag_track.intercom import plain
from rag_track.measure_redaction import Measured, measure
from rag_track.redact import KINDS, Redactor, people_in


def test_the_measure_counts_mistakes(tmp_path: Path) -> None:
    """A half-covered value and one of another kind are missed, a find in another place is a false alarm."""
    truth = tmp_path / "truth.jsonl"
    texts = {("t", "1"): "call Ann and a@b.example", ("t", "2"): "see c@d.example"}
    truth.write_text(
        '{"ticket_key": "t", "message_id": "1", "kind": "email", "start": 5, "end": 20}\n'
        '{"ticket_key": "t", "message_id": "2", "kind": "phone", "start": 4, "end": 15}\n'
        '{"ticket_key": "t", "message_id": "3", "kind": "phone", "start": 4, "end": 15}\n'
    )
    measured = measure(Redactor(), texts, truth)
    assert measured["EMAIL"] == Measured(planted=1, missed=1)
    assert measured["PHONE"] == Measured(planted=1, missed=1)
    truth.write_text("")
    assert measure(Redactor(), texts, truth)["EMAIL"] == Measured(false_alarms=2)
    with pytest.raises(MissingStep, match="nothing"):
        measure(Redactor(), texts, tmp_path / "nothing.jsonl")


def messages(landing: Path) -> dict[tuple[str, str], str]:
    """Every landed message by ticket and id, in plain text; the pasted log is left out."""
    comments = pq.read_table(landing / "zendesk/ticket_comments", columns=["id", "ticket_id", "body"]).to_pylist()
    texts = {(f"zendesk-{row['ticket_id']}", str(row["id"])): row["body"] for row in comments}
    talks = pq.read_table(landing / "intercom/conversations", columns=["id", "source", "conversation_parts"])
    for row in talks.to_pylist():
        parts = json.loads(row["conversation_parts"])["conversation_parts"]
        for part in [json.loads(row["source"]), *parts]:
            texts[f"intercom-{row['id']}", str(part["id"])] = plain(part["body"])
    return {key: text for key, text in texts.items() if text and len(text) < 10_000}


def test_planted_personal_data_is_found(landed: Settings) -> None:
    """In the sample company every planted value is found, and hardly anything else is taken for one."""
    measured = measure(
        Redactor(people_in(landed.landing)), messages(landed.landing), landed.source / "truth" / "personal_data.jsonl"
    )
    assert set(measured) == set(KINDS) - {"PERSON"}
    for kind, one in measured.items():
        assert one.planted > 0, kind
        assert one.found >= 0.99 * one.planted, kind
        assert one.false_alarms <= 0.02 * one.planted, kind
