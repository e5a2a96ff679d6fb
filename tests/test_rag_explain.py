"""Explain: one ticket through every stage, without its personal data."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.errors import ConfigError
from lab.settings import Settings
from rag_track.documents import Document
from rag_track.explain import explain, wrapped


def test_a_ticket_is_followed_from_record_to_citation(
    indexed: Settings, cleaned: list[Document], capsys: pytest.CaptureFixture[str]
) -> None:
    """All five parts are told, and every line of the document stands beside the number of its chunk."""
    known = next(d for d in cleaned if d.why_not is None and d.redactions and len(d.text) > 1_200)
    explain(indexed, known.ticket_key)
    told = capsys.readouterr().out
    assert "custom_fields" in told or "custom_attributes" in told
    for part in ("1. The record", "2. The document", "3. The chunks", "4. The neighbours", "5. Cited"):
        assert part in told
    assert "1 PERSON" in told or "PERSON" in told
    flat = " ".join(told.split())
    assert known.turns[0].text.split("\n")[0][:40] in flat
    assert max(map(len, told.splitlines())) <= 100


def test_nothing_planted_is_printed(
    indexed: Settings, cleaned: list[Document], capsys: pytest.CaptureFixture[str]
) -> None:
    """The words are those of the document, with placeholders."""
    lines = (indexed.source / "truth" / "personal_data.jsonl").read_text().splitlines()
    planted = [json.loads(line) for line in lines]
    keys = list(dict.fromkeys(row["ticket_key"] for row in planted))[:3]
    for key in keys:
        explain(indexed, key)
    told = capsys.readouterr().out
    assert not [row["value"] for row in planted if row["value"] in told]


def test_an_unknown_ticket_names_the_closest(indexed: Settings, cleaned: list[Document]) -> None:
    """A typo answers with a ticket that exists."""
    with pytest.raises(ConfigError) as error:
        explain(indexed, cleaned[0].ticket_key + "x")
    assert cleaned[0].ticket_key in error.value.next_step


@given(st.text(alphabet="ab \t\n\r\u2028-,", max_size=300))
def test_lines_keep_their_place(text: str) -> None:
    """Whatever white space a text has: each line stands where its offset says, and only line ends are left out."""
    lines = list(wrapped(text))
    assert all(text[begin : begin + len(line)] == line for begin, line in lines)
    assert "".join(line for _, line in lines).split() == "".join(text.splitlines()).split()
