"""Validity: what a release made wrong is marked, and mostly nothing else."""

import dataclasses
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lab.report import read_report
from lab.settings import Settings
from rag_track.documents import Document
from rag_track.embed import embeddings
from rag_track.validity import Change, made_wrong, mark_outdated, release_changes
from sample_data.catalogue import read_catalogue
from sample_data.company import read_company

DAY = datetime(2026, 2, 10, tzinfo=UTC)
CHANGE = Change(DAY, "old", "new", frozenset({"pro"}))


def test_only_older_answers_of_that_tier_which_mean_the_old_way_are_wrong(cleaned: list[Document]) -> None:
    """Solved before the release, of a tier that it concerns, near to what held and nearer than to what holds."""
    before = dataclasses.replace(cleaned[0], solved_at=DAY - timedelta(days=1), customer_tier="pro")
    assert made_wrong(before, CHANGE, until_now=0.8, now=0.5)
    assert not made_wrong(before, CHANGE, until_now=0.8, now=0.9)
    assert not made_wrong(before, CHANGE, until_now=0.4, now=0.1)
    assert not made_wrong(dataclasses.replace(before, customer_tier="free"), CHANGE, until_now=0.8, now=0.5)
    assert not made_wrong(dataclasses.replace(before, solved_at=DAY), CHANGE, until_now=0.8, now=0.5)


def test_the_release_notes_are_read(landed: Settings) -> None:
    """Each change says what held, what holds, for whom and since when."""
    changes = list(release_changes(landed.landing))
    assert len(changes) > 20
    assert all(change.until_now and change.now and change.tiers for change in changes)
    assert not any("&gt;" in change.now or "<" in change.now for change in changes)


def test_most_of_what_is_outdated_is_marked(indexed: Settings, cleaned: list[Document]) -> None:
    """Against the truth: two in three marks are right, and of what is outdated two in three are marked.

    In the company of 1,192 conversations it is four in five of both.
    """
    lines = (indexed.source / "truth" / "tickets.jsonl").read_text().splitlines()
    today = datetime.fromisoformat(read_report(indexed.landing / "manifest.json", make="landing")["clock"]).date()
    released = read_company().releases
    resolutions = [r for _, problem in read_catalogue().problems() for r in problem.resolutions]
    ended = {r.id for r in resolutions if r.until and released[r.until] <= today}
    truth = {row["ticket_key"]: ended & set(row["resolution_ids"]) for row in map(json.loads, lines)}
    known = [document for document in cleaned if document.why_not is None]
    marked = {d.ticket_key for d in mark_outdated(known, indexed.landing, embeddings(indexed)) if d.is_outdated}
    wrong = {document.ticket_key for document in known if truth[document.ticket_key]}
    assert len(marked & wrong) >= 0.65 * len(marked)
    assert len(marked & wrong) >= 0.65 * len(wrong)


def test_without_release_notes_nothing_is_marked(tmp_path: Path, indexed: Settings, cleaned: list[Document]) -> None:
    """Somebody's own export without a help centre: the documents stay as they are."""
    assert mark_outdated(cleaned[:5], tmp_path, embeddings(indexed)) == cleaned[:5]
