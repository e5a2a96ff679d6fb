"""Days later: the index follows the landing, and embeds only what is new."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from conftest import land_exports
from test_forgotten import busiest_contact

from lab.forgotten import forget
from lab.settings import Settings, read_settings
from rag_track.build import build
from rag_track.filters import Filters
from rag_track.index import open_index
from rag_track.retrieve import Retriever
from sample_data.extract import extract
from sample_data.generate import generate
from sample_data.tomorrow import tomorrow

Held = dict[str, tuple[str, dict[str, Any]]]


def held(settings: Settings) -> Held:
    """Every chunk of the index with its text and metadata."""
    found = open_index(settings).get(include=["documents", "metadatas"])
    return {i: (t, dict(m)) for i, t, m in zip(found["ids"], found["documents"], found["metadatas"], strict=True)}


def from_scratch(settings: Settings, home: Path) -> Held:
    """The index that the same landing gives in an empty folder; vectors are known, to save time."""
    anew = settings.model_copy(update={"home": home})
    for folder in ("source", "landing"):
        if (settings.home / folder).exists():
            shutil.copytree(settings.home / folder, home / folder)
    anew.index.mkdir()
    for file in ("vectors.sqlite", "precision.json"):
        if (settings.index / file).exists():
            shutil.copy(settings.index / file, anew.index)
    assert build(anew)["removed"] == 0
    return held(anew)


def planted(source: Path) -> set[str]:
    lines = (source / "truth" / "personal_data.jsonl").read_text(encoding="utf-8").splitlines()
    return {json.loads(line)["value"] for line in lines}


def write_lines(file: Path, records: list[dict[str, Any]]) -> None:
    file.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")


@pytest.mark.slow
def test_after_seven_days_the_index_equals_one_from_scratch(tmp_path: Path) -> None:
    """New tickets, late comments, deletions, somebody who is forgotten: the same ids, texts and metadata as anew.

    Each day embeds at most the day's chunks, and one answer for each of its tickets, which is held to the releases.
    """
    settings = read_settings(home=tmp_path / "out", tickets=120)
    generate(settings)
    extract(settings)
    build(settings)
    address = ""
    for day in range(1, 8):
        before = held(settings)
        tomorrow(settings)
        if day == 4:
            address = busiest_contact(settings)
            assert forget(settings, address) > 0
            generate(settings)
        extract(settings)
        report = build(settings)
        after = held(settings)
        old = {text for text, _ in before.values()}
        new = [meta["ticket_key"] for text, meta in after.values() if text not in old]
        assert report["embedded"] <= len(new) + len(set(new))
        if day != 4:  # then the index is begun anew, because a database keeps the words that it deletes
            assert report["removed"] == len(before.keys() - after.keys())
        assert build(settings) == report  # nothing to do, and said so
    texts = "\n".join(text for text, _ in held(settings).values())
    assert address not in texts
    assert not [value for value in planted(settings.source) if value in texts]
    assert from_scratch(settings, tmp_path / "anew") == held(settings)


@pytest.mark.slow
def test_on_own_exports_the_index_follows_the_files(source: Settings, tmp_path: Path) -> None:
    """Tickets that came, one that was deleted, one that was solved otherwise: the index equals one from scratch.

    Nothing planted is in it, its filters hold, and without a truth no share of found personal data is claimed.
    """
    exports = tmp_path / "exports"
    for desk in ("zendesk", "intercom"):
        shutil.copytree(source.source / desk, exports / desk)
    tickets, comments = exports / "zendesk" / "tickets.jsonl", exports / "zendesk" / "ticket_comments.jsonl"
    records = [json.loads(line) for line in tickets.read_text(encoding="utf-8").splitlines()]
    write_lines(tickets, records[:-20])
    settings = land_exports(exports, tmp_path / "out")
    assert build(settings)["redaction"] == {}
    before = held(settings)

    gone, changed, *_ = sorted({meta["ticket_key"] for _, meta in before.values() if meta["source"] == "zendesk"})
    later = {"updated_at": "2026-07-02T00:00:00Z", "generated_timestamp": 1782950400}
    news = {int(gone[8:]): later | {"status": "deleted"}, int(changed[8:]): later}
    write_lines(tickets, [record | news.get(record.get("id"), {}) for record in records])
    said = [json.loads(line) for line in comments.read_text(encoding="utf-8").splitlines()]
    for comment in said:
        if f"zendesk-{comment.get('ticket_id')}" == changed:
            comment["body"] = comment["plain_body"] = f"{comment['body']} Press Retry."
    write_lines(comments, said)
    land_exports(exports, tmp_path / "out")
    report = build(settings)
    after = held(settings)
    assert gone not in {meta["ticket_key"] for _, meta in after.values()}
    assert "Press Retry." in "".join(text for text, meta in after.values() if meta["ticket_key"] == changed)
    assert {meta["ticket_key"] for _, meta in after.values()} - {meta["ticket_key"] for _, meta in before.values()}
    assert 0 < report["embedded"] < report["chunks"]
    assert from_scratch(settings, tmp_path / "anew") == after

    texts = "\n".join(text for text, _ in after.values())
    assert not [value for value in planted(source.source) if value in texts]
    hits = Retriever(settings).retrieve("The export stops", 5, Filters(source="zendesk", not_outdated=True))
    assert hits
    assert {hit.ticket_key.partition("-")[0] for hit in hits} == {"zendesk"}
