"""Clean: the landing read as full text, one document for each resolved conversation.

Twin: the ETL track's models/staging. There the text was thrown away and the columns kept; here it is the
other way round. Which conversations are knowledge is decided in one place, `is_knowledge`.
"""

import html
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import pyarrow.parquet as pq

TIERS = ("free", "pro", "enterprise")
ZENDESK_PRODUCT_FIELD = 360001112223  # the custom field that holds the product category
LONGEST_TURN = 5_000  # characters kept of one message; what is longer is a pasted log, not a solution

Row = dict[str, Any]


@dataclass(frozen=True)
class Turn:
    """What one person said. The speaker is the customer or a human agent; a bot says nothing worth keeping."""

    speaker: Literal["Customer", "Agent"]
    text: str


@dataclass(frozen=True)
class Document:
    """One conversation with its full public text, in speaker turns."""

    ticket_key: str
    source: str
    text: str  # subject and turns
    turns: tuple[Turn, ...]
    is_resolved: bool
    product_category: str
    customer_tier: str
    created_at: datetime
    solved_at: datetime

    @property
    def is_knowledge(self) -> bool:
        """A human answered and the ticket is solved: closed without an answer, it teaches nothing."""
        return self.is_resolved and any(turn.speaker == "Agent" for turn in self.turns)

    @property
    def question(self) -> str:
        """What the customer asked first."""
        return next((turn.text for turn in self.turns if turn.speaker == "Customer"), self.text)


def documents(landing: Path) -> list[Document]:
    """Every conversation of both help desks, resolved or not, in order of their keys.

    `landing` is the folder of the extract. A source that was not landed has no documents.
    """
    return sorted([*zendesk_documents(landing), *intercom_documents(landing)], key=lambda document: document.ticket_key)


def rows(landing: Path, table: str, columns: list[str]) -> list[Row]:
    """Some columns of a landed table as dictionaries."""
    content: list[Row] = pq.read_table(landing / table, columns=columns).to_pylist()
    return content


def zendesk_documents(landing: Path) -> Iterator[Document]:
    organizations = {row["id"]: row for row in rows(landing, "zendesk/organizations", ["id", "organization_fields"])}
    users = {row["id"]: row for row in rows(landing, "zendesk/users", ["id", "role", "tags"])}
    bots = {key for key, row in users.items() if "bot" in json.loads(row["tags"] or "[]")}
    comments: dict[int, list[Row]] = defaultdict(list)
    for comment in rows(
        landing, "zendesk/ticket_comments", ["id", "ticket_id", "author_id", "body", "public", "via", "created_at"]
    ):
        comments[comment["ticket_id"]].append(comment)

    columns = ["id", "subject", "status", "assignee_id", "organization_id", "custom_fields", "created_at", "updated_at"]
    newest: dict[int, Row] = {}  # live exports repeat a ticket at each change
    for ticket in rows(landing, "zendesk/tickets", [*columns, "generated_timestamp"]):
        before = newest.get(ticket["id"])
        if before is None or (ticket["generated_timestamp"] or 0) >= (before["generated_timestamp"] or 0):
            newest[ticket["id"]] = ticket
    # Who left is an end user now; that tickets are assigned to them tells what they were.
    agents = {key for key, row in users.items() if row["role"] in ("agent", "admin")}
    agents |= {ticket["assignee_id"] for ticket in newest.values()} - {None}

    for ticket in newest.values():
        said = sorted(comments[ticket["id"]], key=lambda c: (c["created_at"], c["id"]))
        turns = tuple(
            Turn("Agent" if comment["author_id"] in agents else "Customer", tidy(comment["body"])[:LONGEST_TURN])
            for comment in said
            if comment["public"] and comment["body"] and comment["author_id"] in users.keys() - bots
            if not is_merge(as_object(comment["via"]).get("source"))
        )
        fields = as_list(json.loads(ticket["custom_fields"] or "[]"))
        category = next((f.get("value") for f in fields if f.get("id") == ZENDESK_PRODUCT_FIELD), None)
        organization = organizations.get(ticket["organization_id"], {"organization_fields": None})
        yield Document(
            ticket_key=f"zendesk-{ticket['id']}",
            source="zendesk",
            text=full_text(ticket["subject"] or "", turns),
            turns=turns,
            is_resolved=ticket["status"] in ("solved", "closed"),
            product_category=str(category or "unknown"),
            customer_tier=tier_when(as_object(organization["organization_fields"]), ticket["created_at"]),
            created_at=datetime.fromisoformat(ticket["created_at"]),
            solved_at=datetime.fromisoformat(said[-1]["created_at"] if said else ticket["created_at"]),
        )


def intercom_documents(landing: Path) -> Iterator[Document]:
    plans = {
        row["id"]: {**as_object(row["custom_attributes"]), "tier": as_object(row["plan"]).get("name")}
        for row in rows(landing, "intercom/companies", ["id", "plan", "custom_attributes"])
    }
    company_of = {}
    for row in rows(landing, "intercom/contacts", ["id", "companies"]):
        companies = as_list(as_object(row["companies"]).get("data"))
        company_of[row["id"]] = companies[0].get("id") if companies else None

    columns = ["id", "title", "state", "source", "contacts", "custom_attributes", "conversation_parts"]
    newest = {
        row["id"]: row
        for row in sorted(
            rows(landing, "intercom/conversations", [*columns, "created_at", "updated_at"]),
            key=lambda row: row["updated_at"] or row["created_at"],
        )
    }
    for conversation in newest.values():
        first = as_object(conversation["source"])
        parts = as_list(as_object(conversation["conversation_parts"]).get("conversation_parts"))
        said = [first, *(part for part in parts if part.get("part_type") in ("comment", "assignment"))]
        turns = tuple(
            Turn("Agent" if author_type(message) == "admin" else "Customer", plain(message["body"])[:LONGEST_TURN])
            for message in said
            if message.get("body") and author_type(message) in ("admin", "user", "lead")
        )
        contacts = as_list(as_object(conversation["contacts"]).get("contacts")) or [{}]
        attributes = as_object(conversation["custom_attributes"])
        yield Document(
            ticket_key=f"intercom-{conversation['id']}",
            source="intercom",
            text=full_text(conversation["title"] or plain(first.get("subject")), turns),
            turns=turns,
            is_resolved=conversation["state"] == "closed",
            product_category=str(attributes.get("product_category") or "unknown"),
            customer_tier=tier_when(plans.get(company_of.get(contacts[0].get("id")), {}), conversation["created_at"]),
            created_at=datetime.fromtimestamp(conversation["created_at"], UTC),
            solved_at=datetime.fromtimestamp(conversation["updated_at"] or conversation["created_at"], UTC),
        )


def is_merge(source: Any) -> bool:
    """Whether a comment is the line that a merge leaves behind, from the source in its `via`."""
    return isinstance(source, dict) and source.get("rel") == "merge"


def as_object(text: str | None) -> Row:
    """A landed JSON value that should be an object; whatever else it is, an empty one."""
    value = json.loads(text) if text else None
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Row]:
    """The objects of a JSON value that should be a list of them."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def author_type(message: Row) -> str | None:
    """Who wrote an Intercom message: admin, user, lead, bot, or None where it does not say."""
    author = message.get("author")
    return author.get("type") if isinstance(author, dict) else None


def full_text(subject: str, turns: tuple[Turn, ...]) -> str:
    """Subject and speaker turns, a blank line between them."""
    spoken = (f"{turn.speaker}: {turn.text}" for turn in turns)
    return "\n\n".join([*([subject] if subject else []), *spoken])


def tier_when(plan: Row, created_at: Any) -> str:
    """The tier on the day of the ticket (ISO text or epoch seconds), which may be before the plan of today began."""
    began = plan.get("plan_since") or plan.get("plan_since_at")
    earlier = began is not None and type(began) is type(created_at) and created_at < began
    return known_tier(plan.get("previous_tier") if earlier else plan.get("tier"))


def known_tier(tier: Any) -> str:
    """A tier that is sold, or unknown; the same rule as the macro known_tier of the ETL track."""
    return tier if tier in TIERS else "unknown"


def plain(body: Any) -> str:
    """The words of a message: tags of HTML away, paragraphs kept.

    >>> plain("<p>Hello,</p><p>it is &gt; 5<br>rows</p>")
    'Hello,\\n\\nit is > 5\\nrows'
    """
    if not isinstance(body, str):
        return ""
    text = body.replace("</p><p>", "\n\n").replace("<br>", "\n")
    return tidy(html.unescape(re.sub(r"</?\w[^<>]*>", "", text)))


def tidy(text: str) -> str:
    """At most one blank line in a row, none at the ends. Zendesk's body is plain text already."""
    return re.sub(r"\n{3,}", "\n\n", text).strip()
