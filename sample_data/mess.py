"""What real exports hold and no tutorial shows: records that cannot be read, and one that is too long.

Every planted record is counted in `truth/rejects.json`, so that the landing can be held to it.
"""

import dataclasses
import json

from sample_data.story import Conversation, Message

Planted = list[tuple[str, str]]  # a raw line and the reason for which the landing must reject it

HUGE_AFTER = 60  # the first solved Intercom conversation from here on holds a pasted log of two megabytes


def planted() -> dict[str, Planted]:
    """Broken lines by `help desk/table`, to be written after the good ones."""
    ticket = {
        "subject": "Old ticket",
        "status": "closed",
        "created_at": "2025-09-01T10:00:00Z",
        "updated_at": "2025-09-02T10:00:00Z",
    }
    return {
        "zendesk/tickets": [
            (json.dumps(ticket), "id is missing"),
            (json.dumps({**ticket, "id": 499002, "created_at": "last Tuesday"}), "created_at is no time"),
            (json.dumps({**ticket, "id": 499003, "updated_at": "2025-08-01T10:00:00Z"}), "ends before it begins"),
        ],
        "zendesk/ticket_comments": [
            (
                json.dumps({"id": 49900100000001, "body": "Whose is this?", "created_at": "2025-09-01T10:00:00Z"}),
                "ticket_id is missing",
            ),
        ],
        "intercom/conversations": [
            (json.dumps({"id": "499004", "created_at": 1756720800, "updated_at": 1756634400}), "ends before it begins"),
            (json.dumps({"id": "499005", "created_at": "yesterday"}), "created_at is no time"),
            (
                json.dumps({"id": "499006", "created_at": 1756720800, "statistics": {"time_to_admin_reply": -60}}),
                "statistics.time_to_admin_reply is negative",
            ),
        ],
    }


def with_pasted_log(talk: Conversation) -> Conversation:
    """The conversation with two megabytes of log behind the customer's first words."""
    first = talk.messages[0]
    line = "2026-01-14 09:31:07 DEBUG sync.worker queue=default attempt=1 state=idle\n"
    log = Message(first.at, first.speaker, first.author, first.text + "\n\n" + line * (2_000_000 // len(line)))
    return dataclasses.replace(talk, messages=(log, *talk.messages[1:]))
