"""Extract: conversations of Zendesk, put together from its tickets, comments, events, users and organizations."""

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from rag_track.conversation import (
    Conversation,
    Message,
    Row,
    Satisfaction,
    Speaker,
    as_list,
    as_object,
    language_of,
    rows,
    tier_when,
)

PRODUCT_FIELD = 360001112223  # the custom field that holds the product category
SOLVED = ("solved", "closed")
TICKET = ["id", "subject", "status", "requester_id", "assignee_id", "organization_id", "tags", "custom_fields"]
COMMENT = ["id", "ticket_id", "author_id", "body", "public", "via", "created_at"]


def zendesk_conversations(landing: Path) -> Iterator[Conversation]:
    """Every landed ticket, in no particular order. `landing` is the folder of the extract."""
    tickets = newest_tickets(landing)
    users = {row["id"]: row for row in rows(landing, "zendesk/users", ["id", "role", "tags", "_more"])}
    fields = {
        row["id"]: as_object(row["organization_fields"])
        for row in rows(landing, "zendesk/organizations", ["id", "organization_fields"])
    }
    bots = {key for key, row in users.items() if "bot" in json.loads(row["tags"] or "[]")}
    # Who left is an end user now; that tickets are assigned to them tells what they were.
    agents = {key for key, row in users.items() if row["role"] in ("agent", "admin")}
    agents |= {ticket["assignee_id"] for ticket in tickets} - {None}
    comments = comments_by_ticket(landing)
    solved = solved_by_ticket(landing)

    for ticket in tickets:
        said = comments[ticket["id"]]
        is_solved = ticket["status"] in SOLVED
        times = solved[ticket["id"]]
        account = fields.get(ticket["organization_id"], {})

        def speaker(comment: Row, requester: Any = ticket["requester_id"]) -> Speaker:
            author = comment["author_id"]
            if author in bots or (author not in users and author != requester):  # nothing is claimed of the unknown
                return "Bot"
            if author not in agents:
                return "Customer"
            return "Agent" if comment["public"] else "Note"

        yield Conversation(
            ticket_key=f"zendesk-{ticket['id']}",
            source="zendesk",
            subject=ticket["subject"] or "",
            messages=tuple(
                Message(str(c["id"]), speaker(c), c["body"], datetime.fromisoformat(c["created_at"]))
                for c in said
                if c["body"] and not is_merge(c)
            ),
            is_solved=is_solved,
            is_spam="spam" in json.loads(ticket["tags"] or "[]"),
            is_merged="closed_by_merge" in json.loads(ticket["tags"] or "[]"),
            is_deleted=ticket["status"] == "deleted",
            satisfaction=satisfaction(as_object(ticket["satisfaction_rating"]).get("score")),
            product_category=product(ticket),
            customer_tier=tier_when(account, ticket["created_at"]),
            region=str(account.get("region") or "unknown"),
            language=language_of(as_object(users.get(ticket["requester_id"], {}).get("_more")).get("locale")),
            created_at=datetime.fromisoformat(ticket["created_at"]),
            first_solved_at=min(times, default=None),
            solved_at=max(times, default=last_time(ticket, said)) if is_solved else None,
        )


def newest_tickets(landing: Path) -> list[Row]:
    """Each ticket once: live exports repeat it at each change."""
    newest: dict[int, Row] = {}
    columns = [*TICKET, "satisfaction_rating", "created_at", "generated_timestamp"]
    for ticket in rows(landing, "zendesk/tickets", columns):
        before = newest.get(ticket["id"])
        if before is None or (ticket["generated_timestamp"] or 0) >= (before["generated_timestamp"] or 0):
            newest[ticket["id"]] = ticket
    return list(newest.values())


def comments_by_ticket(landing: Path) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for comment in sorted(rows(landing, "zendesk/ticket_comments", COMMENT), key=lambda c: (c["created_at"], c["id"])):
        found[comment["ticket_id"]].append(comment)
    return found


def solved_by_ticket(landing: Path) -> dict[int, list[datetime]]:
    """When each ticket was set to solved, or to closed without having been solved."""
    found: dict[int, list[datetime]] = defaultdict(list)
    for event in rows(landing, "zendesk/ticket_events", ["ticket_id", "child_events", "created_at"]):
        changes = as_list(json.loads(event["child_events"] or "[]"))
        if any(c.get("status") in SOLVED and c.get("previous_value") not in SOLVED for c in changes):
            found[event["ticket_id"]].append(datetime.fromisoformat(event["created_at"]))
    return found


def last_time(ticket: Row, said: list[Row]) -> datetime:
    """When the last word was said: an export without events does not tell when a ticket was solved."""
    return datetime.fromisoformat((said[-1] if said else ticket)["created_at"])


def is_merge(comment: Row) -> bool:
    """Whether a comment is the line that a merge leaves behind."""
    source = as_object(comment["via"]).get("source")
    return isinstance(source, dict) and source.get("rel") == "merge"


def satisfaction(score: Any) -> Satisfaction:
    """Zendesk's `offered` and `unoffered` are no answers."""
    return score if score in ("good", "bad") else "none"


def product(ticket: Row) -> str:
    fields = as_list(json.loads(ticket["custom_fields"] or "[]"))
    category = next((field.get("value") for field in fields if field.get("id") == PRODUCT_FIELD), None)
    return str(category or "unknown")
