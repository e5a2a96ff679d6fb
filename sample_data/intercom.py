"""Conversations as the Intercom API (2.14) returns them: epoch seconds, string ids, parts inside.

The first message is `source` and not a part; an internal note is a part of type `note`; a conversation
is closed by a part of type `close` and has no status "pending", it is snoozed.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from html import escape
from typing import Any

from sample_data.people import Account, Agent, Contact, People
from sample_data.story import Conversation, Message

Record = dict[str, Any]

SPAM_TAG: Record = {"type": "tag", "id": "81", "name": "spam"}
BOT = {"type": "bot", "id": "900", "name": "Quill", "email": "operator@quillstone.example"}
PART_TYPE = {"solved": "close", "pending": "snoozed", "hold": "snoozed", "open": "open"}
STATE = {"solved": "closed", "pending": "snoozed", "hold": "snoozed", "open": "open", "new": "open"}


def epoch(at: datetime) -> int:
    return int(at.timestamp())


def contact_id(contact: Contact) -> str:
    return hashlib.sha256(f"contact {contact.number}".encode()).hexdigest()[:24]


def company_id(account: Account) -> str:
    return hashlib.sha256(f"company {account.number}".encode()).hexdigest()[:24]


def admin_id(agent: Agent) -> str:
    return str(5000 + agent.number)


def html(text: str) -> str:
    return "<p>" + escape(text, quote=False).replace("\n\n", "</p><p>").replace("\n", "<br>") + "</p>"


def customer_author(contact: Contact) -> Record:
    return {"type": "user", "id": contact_id(contact), "name": contact.name, "email": contact.email}


def author(message: Message) -> Record:
    if message.author is None:
        return BOT
    if isinstance(message.author, Contact):
        return customer_author(message.author)
    agent = message.author
    return {"type": "admin", "id": admin_id(agent), "name": agent.name, "email": agent.email}


def conversation_record(talk: Conversation) -> Record:
    """One conversation as `GET /conversations/{id}` returns it, with all its parts."""
    head, contact = talk.head, talk.head.contact
    conversation_id = str(head.ticket_id)
    parts = [part_record(talk, n, message) for n, message in enumerate(talk.messages[1:], start=1)]
    said = [message for message in talk.messages if message.speaker != "state"]
    waits = said[-1].speaker == "customer"
    answered = any(isinstance(message.author, Agent) for message in talk.messages)
    return {
        "type": "conversation",
        "id": conversation_id,
        "title": None,
        "created_at": epoch(talk.head.created_at),
        "updated_at": epoch(talk.messages[-1].at),
        "waiting_since": epoch(said[-1].at) if waits else None,
        "snoozed_until": None,
        "open": talk.status in ("new", "open"),
        "state": STATE[talk.status],
        "read": answered,
        "priority": "priority" if head.priority in ("urgent", "high") else "not_priority",
        "admin_assignee_id": int(admin_id(talk.agent)) if answered else None,
        "team_assignee_id": None,
        "source": {
            "type": head.channel,
            "id": source_id(talk),
            "delivered_as": "admin_initiated" if head.kind == "phoned" else "customer_initiated",
            "subject": "",
            "body": html(talk.messages[0].text),
            "author": author(talk.messages[0]),
            "attachments": [],
            "url": None,
            "redacted": False,
        },
        "contacts": {
            "type": "contact.list",
            "contacts": [{"type": "contact", "id": contact_id(contact), "external_id": external_id(contact)}],
        },
        "teammates": {
            "type": "admin.list",
            "teammates": [{"type": "admin", "id": admin_id(talk.agent)}] if answered else [],
        },
        "tags": {"type": "tag.list", "tags": [SPAM_TAG] if head.kind == "spam" and answered else []},
        "conversation_rating": rating(talk),
        "first_contact_reply": {"created_at": epoch(talk.head.created_at), "type": head.channel, "url": None},
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


def source_id(talk: Conversation) -> str:
    """The id of the first message, which is no part."""
    return f"{talk.head.ticket_id}0"


def part_id(talk: Conversation, position: int) -> str:
    """The id of a part by its position among everything that happened; the first message has position 0."""
    return str(7000000 + talk.head.number * 100 + position)


def part_record(talk: Conversation, position: int, message: Message) -> Record:
    state = message.speaker == "state"
    return {
        "type": "conversation_part",
        "id": part_id(talk, position),
        "part_type": PART_TYPE[message.text] if state else "note" if message.speaker == "note" else "comment",
        "body": None if state else html(message.text),
        "created_at": epoch(message.at),
        "updated_at": epoch(message.at),
        "notified_at": epoch(message.at),
        "assigned_to": None,
        "author": author(message),
        "attachments": [
            {"type": "upload", "name": name, "content_type": "image/png", "filesize": 48_213}
            for name in message.attachments
        ],
        "external_id": None,
        "redacted": False,
    }


def status_now(talk: Conversation) -> str:
    """The status in the words of the warehouse: Intercom knows open, snoozed (pending) and closed (solved)."""
    return {"new": "open", "hold": "pending"}.get(talk.status, talk.status)


def rating(talk: Conversation) -> Record | None:
    if talk.rating is None:
        return None
    at = epoch(talk.messages[-1].at)
    score = 5 if talk.rating == "good" else 1
    return {"rating": score, "remark": None, "created_at": at, "updated_at": at}


def statistics(talk: Conversation) -> Record:
    """Intercom's own numbers, in seconds; null until the event has happened."""
    replies = [message.at for message in talk.replies]
    closes = [m.at for m in talk.messages if m.speaker == "state" and m.text == "solved"]
    return {
        "type": "conversation_statistics",
        "time_to_admin_reply": epoch(replies[0]) - epoch(talk.head.created_at) if replies else None,
        "time_to_first_close": epoch(closes[0]) - epoch(talk.head.created_at) if closes else None,
        "time_to_last_close": epoch(closes[-1]) - epoch(talk.head.created_at) if closes else None,
        "first_admin_reply_at": epoch(replies[0]) if replies else None,
        "first_close_at": epoch(closes[0]) if closes else None,
        "last_close_at": epoch(closes[-1]) if closes else None,
        "count_reopens": max(len(closes) - 1, 0),
        "count_conversation_parts": len(talk.messages) - 1,
    }


def external_id(contact: Contact) -> str | None:
    """The account's own number for the contact; a third never got one, and only the address tells who they are."""
    return f"contact-{contact.number}" if contact.account and contact.number % 3 else None


def contact_records(people: People, since: datetime) -> Iterator[Record]:
    """Everybody who writes on Intercom. Some typed their address with a capital."""
    for contact in (*people.contacts, *people.strangers):
        if "intercom" not in contact.desks:
            continue
        companies = [company_id(contact.account)] if contact.account else []
        yield {
            "type": "contact",
            "id": contact_id(contact),
            "external_id": external_id(contact),
            "role": "user" if contact.account else "lead",
            "email": contact.email.capitalize() if contact.number % 7 == 0 else contact.email,
            "name": contact.name,
            "phone": contact.phone if contact.number % 4 == 0 else None,
            "owner_id": None,
            "created_at": epoch(since),
            "updated_at": epoch(since),
            "custom_attributes": {},
            "companies": {
                "type": "list",
                "data": [{"id": company, "type": "company", "url": f"/companies/{company}"} for company in companies],
                "total_count": len(companies),
                "has_more": False,
            },
        }


def company_records(people: People, now: datetime) -> Iterator[Record]:
    """Every account with its plan of today, and what the one before was."""
    for account in people.accounts:
        plan = account.plan_at(now)
        before = [other for other in account.plans if other.since < plan.since]
        tier = account.recorded_tier(plan)
        yield {
            "type": "company",
            "id": company_id(account),
            "company_id": f"acct-{account.number}",
            "name": account.name,
            "plan": {"type": "plan", "id": tier, "name": tier},
            "created_at": epoch(account.plans[0].since),
            "updated_at": epoch(plan.since),
            "monthly_spend": plan.arr // 12,
            "session_count": 0,
            "user_count": plan.seats,
            "size": plan.seats,
            "industry": account.industry,
            "website": account.domain,
            "custom_attributes": {
                "region": account.region,
                "arr": plan.arr,
                "plan_since_at": epoch(plan.since) if before else None,
                "previous_tier": account.recorded_tier(before[-1]) if before else None,
                "previous_arr": before[-1].arr if before else None,
            },
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
