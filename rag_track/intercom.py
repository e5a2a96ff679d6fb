"""Extract: conversations of Intercom. The first message is the conversation's source, the others are its parts."""

import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime
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

SPOKEN = ("comment", "note", "assignment")  # without words an assignment only hands the conversation on
CONVERSATION = ["id", "title", "state", "source", "contacts", "tags", "conversation_rating", "custom_attributes"]


def intercom_conversations(landing: Path) -> Iterator[Conversation]:
    """Every landed conversation, in no particular order. `landing` is the folder of the extract."""
    plans = {
        row["id"]: {**as_object(row["custom_attributes"]), "tier": as_object(row["plan"]).get("name")}
        for row in rows(landing, "intercom/companies", ["id", "plan", "custom_attributes"])
    }
    contacts = {row["id"]: row for row in rows(landing, "intercom/contacts", ["id", "companies", "_more"])}

    for conversation in newest_conversations(landing):
        began, first = conversation["created_at"], as_object(conversation["source"])
        parts = as_list(as_object(conversation["conversation_parts"]).get("conversation_parts"))
        said = [
            {**first, "created_at": began},
            *(part for part in parts if part.get("part_type") in SPOKEN),
        ]
        closed = [time(part.get("created_at") or began) for part in parts if part.get("part_type") == "close"]
        is_solved = conversation["state"] == "closed"
        asked = as_list(as_object(conversation["contacts"]).get("contacts")) or [{}]
        contact = contacts.get(asked[0].get("id"), {})
        companies = as_list(as_object(contact.get("companies")).get("data")) or [{}]
        plan = plans.get(companies[0].get("id"), {})
        attributes = as_object(conversation["custom_attributes"])
        tags = as_list(as_object(conversation["tags"]).get("tags"))
        yield Conversation(
            ticket_key=f"intercom-{conversation['id']}",
            source="intercom",
            subject=conversation["title"] or plain(first.get("subject")),
            messages=tuple(
                Message(str(m.get("id")), speaker(m), plain(m["body"]), time(m.get("created_at") or began))
                for m in said
                if m.get("body")
            ),
            is_solved=is_solved,
            is_spam=any(tag.get("name") == "spam" for tag in tags),
            is_merged=False,  # Intercom does not merge conversations
            is_deleted=False,  # what is deleted is no longer landed
            satisfaction=satisfaction(as_object(conversation["conversation_rating"]).get("rating")),
            product_category=str(attributes.get("product_category") or "unknown"),
            customer_tier=tier_when(plan, began),
            region=str(plan.get("region") or "unknown"),
            language=language_of(as_object(contact.get("_more")).get("language_override")),
            created_at=time(began),
            first_solved_at=min(closed, default=None),
            solved_at=max(closed, default=time(conversation["updated_at"])) if is_solved else None,
        )


def newest_conversations(landing: Path) -> list[Row]:
    """Each conversation once, as it was last exported."""
    columns = [*CONVERSATION, "conversation_parts", "created_at", "updated_at"]
    found = rows(landing, "intercom/conversations", columns)
    for row in found:
        row["updated_at"] = row["updated_at"] or row["created_at"]
    return list({row["id"]: row for row in sorted(found, key=lambda row: row["updated_at"])}.values())


def speaker(message: Row) -> Speaker:
    author = message.get("author")
    kind = author.get("type") if isinstance(author, dict) else None
    if kind == "admin":
        return "Note" if message.get("part_type") == "note" else "Agent"
    return "Customer" if kind in ("user", "lead") else "Bot"


def satisfaction(rating: Any) -> Satisfaction:
    """4 and 5 are good, 1 and 2 bad, 3 is neither; the same rule as the ETL track's."""
    if not isinstance(rating, int | float) or rating == 3:
        return "none"
    return "good" if rating > 3 else "bad"


def time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def plain(body: Any) -> str:
    """The words of a message: tags of HTML away, paragraphs kept.

    >>> plain("<p>Hello,</p><p>it is &gt; 5<br>rows</p>")
    'Hello,\\n\\nit is > 5\\nrows'
    """
    if not isinstance(body, str):
        return ""
    text = body.replace("</p><p>", "\n\n").replace("<br>", "\n")
    return html.unescape(re.sub(r"</?\w[^<>]*>", "", text)).strip()
