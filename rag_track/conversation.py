"""What both help desks tell of one conversation, in one shape. zendesk.py and intercom.py read it from the landing.

Twin: the ETL track's int_tickets_unioned and int_messages_unioned. The same records, with their words.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import pyarrow.parquet as pq

Speaker = Literal["Customer", "Agent", "Note", "Bot"]
Satisfaction = Literal["good", "bad", "none"]
Row = dict[str, Any]

TIERS = ("free", "pro", "enterprise")


@dataclass(frozen=True)
class Message:
    """What one person or machine said, as plain text. A note is an agent's word to colleagues."""

    message_id: str
    speaker: Speaker
    text: str
    sent_at: datetime


@dataclass(frozen=True)
class Conversation:
    """One ticket of either help desk, as it is now. Lines that a merge leaves behind are no messages."""

    ticket_key: str
    source: str
    subject: str
    messages: tuple[Message, ...]  # in order of time
    is_solved: bool
    is_spam: bool
    is_merged: bool
    is_deleted: bool
    satisfaction: Satisfaction
    product_category: str
    customer_tier: str  # on the day of the ticket
    region: str
    language: str  # of the customer's account, such as en
    created_at: datetime
    first_solved_at: datetime | None
    solved_at: datetime | None  # for the last time; None while it is open


def rows(landing: Path, table: str, columns: list[str]) -> list[Row]:
    """Some columns of a landed table as dictionaries."""
    content: list[Row] = pq.read_table(landing / table, columns=columns).to_pylist()
    return content


def as_object(text: str | None) -> Row:
    """A landed JSON value that should be an object; whatever else it is, an empty one."""
    value = json.loads(text) if text else None
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Row]:
    """The objects of a JSON value that should be a list of them."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def tier_when(plan: Row, created_at: Any) -> str:
    """The tier on the day of the ticket (ISO text or epoch seconds), which may be before the plan of today began."""
    began = plan.get("plan_since") or plan.get("plan_since_at")
    earlier = began is not None and type(began) is type(created_at) and created_at < began
    return known_tier(plan.get("previous_tier") if earlier else plan.get("tier"))


def known_tier(tier: Any) -> str:
    """A tier that is sold, or unknown; the same rule as the macro known_tier of the ETL track."""
    return tier if tier in TIERS else "unknown"


def language_of(locale: Any) -> str:
    """The language of a locale.

    >>> language_of("en-GB"), language_of(None)
    ('en', 'unknown')
    """
    return locale.split("-")[0].lower() if isinstance(locale, str) and locale else "unknown"
