"""Conversations as the Intercom API (2.14) returns them: epoch seconds, string ids, parts inside.

The first message is `source` and not a part; an internal note is a part of type `note`; a conversation
is closed by a part of type `close` and has no status "pending", it is snoozed.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sample_data.conversations import Conversation, Message
from sample_data.people import Account, Agent, Contact, People

Record = dict[str, Any]

BOT = {"type": "bot", "id": "900", "name": "Quill", "email": "operator@quillstone.example"}
PART_TYPE = {"solved": "close", "pending": "snoozed", "open": "open"}
STATE = {"solved": "closed", "pending": "snoozed", "open": "open", "new": "open"}


def epoch(at: datetime) -> int:
    return int(at.timestamp())


def contact_id(contact: Contact) -> str:
    return hashlib.sha256(f"contact {contact.number}".encode()).hexdigest()[:24]


def company_id(account: Account) -> str:
    return hashlib.sha256(f"company {account.number}".encode()).hexdigest()[:24]


def admin_id(agent: Agent) -> str:
    return str(5000 + agent.number)


def html(text: str) -> str:
    return "<p>" + text.replace("\n\n", "</p><p>").replace("\n", "<br>") + "</p>"


def customer_author(contact: Contact) -> Record:
    return {"type": "user", "id": contact_id(contact), "name": contact.name, "email": contact.email}


def author(talk: Conversation, message: Message) -> Record:
    if message.kind == "bot":
        return BOT
    if message.kind == "customer" or message.author == 0:
        return customer_author(talk.contact)
    return {"type": "admin", "id": admin_id(talk.agent), "name": talk.agent.name, "email": talk.agent.email}


def conversation_record(talk: Conversation) -> Record:
    """One conversation as `GET /conversations/{id}` returns it, with all its parts."""
    conversation_id = talk.key.split("-")[1]
    parts = [part_record(talk, n, message) for n, message in enumerate(talk.messages[1:], start=1)]
    waits = talk.messages[-1].kind == "customer"
    answered = any(m.kind in ("agent", "note") or (m.kind == "state" and m.author) for m in talk.messages)
    return {
        "type": "conversation",
        "id": conversation_id,
        "title": None,
        "created_at": epoch(talk.created_at),
        "updated_at": epoch(talk.messages[-1].at),
        "waiting_since": epoch(talk.messages[-1].at) if waits else None,
        "snoozed_until": None,
        "open": talk.status in ("new", "open"),
        "state": STATE[talk.status],
        "read": answered,
        "priority": "priority" if talk.priority in ("urgent", "high") else "not_priority",
        "admin_assignee_id": int(admin_id(talk.agent)) if answered else None,
        "team_assignee_id": None,
        "source": {
            "type": talk.channel,
            "id": f"{conversation_id}0",
            "delivered_as": "customer_initiated",
            "subject": "",
            "body": html(talk.messages[0].text),
            "author": customer_author(talk.contact),
            "attachments": [],
            "url": None,
            "redacted": False,
        },
        "contacts": {
            "type": "contact.list",
            "contacts": [
                {"type": "contact", "id": contact_id(talk.contact), "external_id": f"contact-{talk.contact.number}"}
            ],
        },
        "teammates": {
            "type": "admin.list",
            "teammates": [{"type": "admin", "id": admin_id(talk.agent)}] if answered else [],
        },
        "tags": {"type": "tag.list", "tags": []},
        "conversation_rating": rating(talk),
        "first_contact_reply": {"created_at": epoch(talk.created_at), "type": talk.channel, "url": None},
        "sla_applied": None,
        "statistics": statistics(talk) if answered else None,
        "custom_attributes": {"product_category": talk.recorded_category} if talk.recorded_category else {},
        "linked_objects": {"type": "list", "data": [], "total_count": 0, "has_more": False},
        "ai_agent_participated": False,
        "ai_agent": None,
        "conversation_parts": {
            "type": "conversation_part.list",
            "conversation_parts": parts,
            "total_count": len(parts),
        },
    }


def part_record(talk: Conversation, position: int, message: Message) -> Record:
    state = message.kind == "state"
    return {
        "type": "conversation_part",
        "id": str(7000000 + talk.number * 100 + position),
        "part_type": PART_TYPE[message.text] if state else "note" if message.kind == "note" else "comment",
        "body": None if state else html(message.text),
        "created_at": epoch(message.at),
        "updated_at": epoch(message.at),
        "notified_at": epoch(message.at),
        "assigned_to": None,
        "author": author(talk, message),
        "attachments": [],
        "external_id": None,
        "redacted": False,
    }


def rating(talk: Conversation) -> Record | None:
    if talk.rating is None:
        return None
    at = epoch(talk.messages[-1].at)
    score = 5 if talk.rating == "good" else 1
    return {"rating": score, "remark": None, "created_at": at, "updated_at": at}


def statistics(talk: Conversation) -> Record:
    """Intercom's own numbers, in seconds; null until the event has happened."""
    replies = [m.at for m in talk.messages if m.kind == "agent"]
    closes = [m.at for m in talk.messages if m.kind == "state" and m.text == "solved"]
    return {
        "type": "conversation_statistics",
        "time_to_admin_reply": epoch(replies[0]) - epoch(talk.created_at) if replies else None,
        "time_to_first_close": epoch(closes[0]) - epoch(talk.created_at) if closes else None,
        "time_to_last_close": epoch(closes[-1]) - epoch(talk.created_at) if closes else None,
        "first_admin_reply_at": epoch(replies[0]) if replies else None,
        "first_close_at": epoch(closes[0]) if closes else None,
        "last_close_at": epoch(closes[-1]) if closes else None,
        "count_reopens": max(len(closes) - 1, 0),
        "count_conversation_parts": len(talk.messages) - 1,
    }


def contact_records(people: People, since: datetime) -> Iterator[Record]:
    for contact in people.contacts:
        company = company_id(contact.account)
        yield {
            "type": "contact",
            "id": contact_id(contact),
            "external_id": f"contact-{contact.number}",
            "role": "user",
            "email": contact.email,
            "name": contact.name,
            "phone": None,
            "owner_id": None,
            "created_at": epoch(since),
            "updated_at": epoch(since),
            "custom_attributes": {},
            "companies": {
                "type": "list",
                "data": [{"id": company, "type": "company", "url": f"/companies/{company}"}],
                "total_count": 1,
                "has_more": False,
            },
        }


def company_records(people: People, since: datetime) -> Iterator[Record]:
    for account in people.accounts:
        yield {
            "type": "company",
            "id": company_id(account),
            "company_id": f"acct-{account.number}",
            "name": account.name,
            "plan": {"type": "plan", "id": account.recorded_tier, "name": account.recorded_tier},
            "created_at": epoch(since),
            "updated_at": epoch(since),
            "monthly_spend": account.arr // 12,
            "session_count": 0,
            "user_count": account.seats,
            "size": account.seats,
            "industry": account.industry,
            "website": account.domain,
            "custom_attributes": {"region": account.region, "arr": account.arr},
        }


def admin_records(people: People) -> Iterator[Record]:
    for agent in people.agents:
        yield {
            "type": "admin",
            "id": admin_id(agent),
            "name": agent.name,
            "email": agent.email,
            "team_ids": [],
            "away_mode_enabled": False,
            "has_inbox_seat": True,
            "job_title": agent.team,
        }
