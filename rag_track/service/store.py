"""Serve: drafts and feedback, kept for good.

Twin: the warehouse, which can be built again from the landing at any time. What is kept here nobody can make again.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rag_track.service.requests import Feedback
from rag_track.service.responses import ServedDraft, StoredFeedback

PATIENCE = 30.0  # seconds to wait for the store's file
TABLES = """
create table if not exists drafts (
    sequence integer primary key, draft_id text unique not null, draft text not null,
    stored_at text default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
);
create table if not exists feedback (
    sequence integer primary key, feedback_id text unique not null, draft_id text not null, feedback text not null,
    stored_at text default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
);
"""


@dataclass(frozen=True)
class Given:
    """Feedback with the draft that it is about, and when it was given."""

    id: str
    draft: ServedDraft
    feedback: Feedback
    at: datetime


class Store:
    """Drafts and feedback in one SQLite file, in which rows are only added.

    SQLite, because it gives what is needed and nothing else: an answer is sent after the commit, which is after the
    fsync; a key is unique, which makes repeats harmless; writers of many threads and processes take turns; a crash
    loses what was not committed and nothing else. In JSON lines all of this would have to be written; DuckDB lets
    only one process open its file.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        with self.opened() as connection:
            connection.executescript(TABLES)

    @contextmanager
    def opened(self) -> Iterator[sqlite3.Connection]:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self.file, timeout=PATIENCE, isolation_level=None)) as connection:
            connection.execute("pragma synchronous = full")
            yield connection

    def add_draft(self, draft: ServedDraft, at: datetime | None = None) -> bool:
        """Keep a draft, made `at` or now. False when there is one of this id: that one stays."""
        row = (draft.id, draft.model_dump_json(), moment(at))
        return self.add("insert or ignore into drafts (draft_id, draft, stored_at) values (?, ?, ?)", row)

    def add_feedback(self, feedback: StoredFeedback, at: datetime | None = None) -> bool:
        """Keep feedback, given `at` or now. False when it was given before."""
        row = (feedback.id, feedback.draft_id, feedback.feedback.model_dump_json(), moment(at))
        statement = "insert or ignore into feedback (feedback_id, draft_id, feedback, stored_at) values (?, ?, ?, ?)"
        return self.add(statement, row)

    def add(self, statement: str, row: tuple[str, ...]) -> bool:
        with self.opened() as connection:
            return connection.execute(statement, row).rowcount == 1  # its own transaction

    def draft(self, draft_id: str) -> ServedDraft | None:
        """The draft of this id, if there is one."""
        with self.opened() as connection:
            found = connection.execute("select draft from drafts where draft_id = ?", [draft_id]).fetchone()
        return ServedDraft.model_validate_json(found[0]) if found else None

    def draft_ids(self) -> set[str]:
        """The ids of all drafts."""
        with self.opened() as connection:
            return {row[0] for row in connection.execute("select draft_id from drafts")}

    def given(self) -> list[Given]:
        """All feedback in the order in which it came."""
        with self.opened() as connection:
            rows = connection.execute(
                "select feedback_id, draft, feedback, feedback.stored_at from feedback join drafts using (draft_id)"
                " order by feedback.sequence"
            ).fetchall()
        return [
            Given(
                feedback_id,
                ServedDraft.model_validate_json(draft),
                StoredFeedback.model_validate({"id": "", "draft_id": "", "feedback": json.loads(feedback)}).feedback,
                datetime.fromisoformat(at),
            )
            for feedback_id, draft, feedback, at in rows
        ]


def moment(at: datetime | None) -> str:
    """A time, or now, as the store writes it: UTC with milliseconds."""
    return (at or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def digest(*content: object) -> str:
    """An id made of content: the same content has the same id."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]
