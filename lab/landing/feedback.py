"""Extract: what agents made of drafts, from the drafting service's store: a source of our own, beside the help desks.

Twin: pull.py, which asks APIs. Here the store's file is read, never written: rows are only added to it, so what is
there is read whole, and the same rows give the same landing.
"""

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.aside import fingerprint
from lab.errors import StageFailed
from lab.landing.pull import rejected
from lab.landing.read import Unreadable, read
from lab.landing.tables import Table

PATIENCE = 30.0  # seconds to wait for the store's file
VERDICTS = ("accepted", "edited", "rejected")
LISTS = ("citations", "citations_kept", "citations_dropped")
DRAFT_FEEDBACK = Table(
    "lab",
    "draft_feedback",
    {
        "feedback_id": "str",
        "sequence": "int",  # the order in which it came
        "draft_id": "str",
        "ticket_id": "str",
        "verdict": "str",
        "agent_id": "str",
        "given_at": "iso",
        "drafted_at": "iso",
        "draft_text": "str",
        "edited_text": "str",
        "reason": "str",
        "citations": "json",
        "citations_kept": "json",
        "citations_dropped": "json",
        "filters": "json",
        "declined": "bool",
        "needs_human": "bool",
        "model": "str",
    },
    needs=("feedback_id", "draft_id", "verdict", "agent_id", "given_at", "drafted_at", "draft_text"),
)
OF_DRAFT = ("ticket_id", "citations", "filters", "declined", "needs_human", "model")
STORED = """
    select
        feedback.sequence, cast(feedback_id as text) as feedback_id, cast(feedback.draft_id as text) as draft_id,
        cast(feedback as text) as feedback, cast(feedback.stored_at as text) as given_at,
        cast(draft as text) as draft, cast(drafts.stored_at as text) as drafted_at
    from feedback left join drafts using (draft_id)
    order by feedback.sequence
"""


@dataclass(frozen=True)
class GivenFeedback:
    """Rows for the landing, rejects with their reasons, and `state`, a fingerprint of all that is stored."""

    rows: list[dict[str, Any]]
    rejects: list[dict[str, Any]]
    state: str


def read_feedback(store: Path) -> GivenFeedback:
    """All feedback of a store, in the order in which it came; without a store there is none.

    Raises StageFailed for a file that cannot be read.
    """
    stored = stored_rows(store)
    rows, rejects = [], []
    for row in stored:
        try:
            rows.append(landed_row(row))
        except Unreadable as error:
            rejects.append(rejected(DRAFT_FEEDBACK, row["sequence"], (row["feedback"] or "").encode(), str(error)))
    return GivenFeedback(rows, rejects, fingerprint(also=json.dumps(stored)))


def stored_rows(store: Path) -> list[dict[str, Any]]:
    """Feedback as the store has it, each with its draft, None where it is not there."""
    if not store.exists():
        return []
    try:
        with closing(sqlite3.connect(f"{store.resolve().as_uri()}?mode=ro", uri=True, timeout=PATIENCE)) as connection:
            connection.row_factory = sqlite3.Row
            connection.text_factory = lambda stored: stored.decode("utf-8", "replace")
            if not connection.execute("select 1 from sqlite_master where name = 'feedback'").fetchall():
                return []  # a store that was opened for the first time has no tables for a moment
            return [dict(row) for row in connection.execute(STORED)]
    except sqlite3.Error as error:
        raise StageFailed(f"{store} cannot be read: {error}.", next_step=f"mv {store} {store}.broken") from None


def landed_row(row: dict[str, Any]) -> dict[str, Any]:
    """The landed row of one feedback and its draft. What the lab does not know of the feedback stays in `_more`.

    Raises Unreadable with the reason, such as "the draft is missing".
    """
    feedback, draft = as_object("the feedback", row["feedback"]), as_object("the draft", row["draft"])
    columns = {name: row[name] for name in ("feedback_id", "sequence", "draft_id", "given_at", "drafted_at")}
    columns |= {name: draft.get(name) for name in OF_DRAFT}
    columns |= {"draft_text": draft.get("text"), "edited_text": feedback.pop("text", None)}
    for name in LISTS:
        if not isinstance((feedback | columns).get(name), list):
            raise Unreadable(f"{name} is no list")
    landed = read(DRAFT_FEEDBACK, feedback | columns)
    if landed["verdict"] not in VERDICTS:
        raise Unreadable("verdict is none of " + ", ".join(VERDICTS))
    if landed["verdict"] == "edited" and landed["edited_text"] is None:
        raise Unreadable("text is missing")
    return landed


def as_object(what: str, text: str | None) -> dict[str, Any]:
    if text is None:
        raise Unreadable(f"{what} is missing")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise Unreadable(f"{what} is not JSON") from None
    if not isinstance(found, dict):
        raise Unreadable(f"{what} is not a JSON object")
    return found
