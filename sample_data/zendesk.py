"""Conversations as the Zendesk Support API returns them: ISO times, 64-bit ids, comments apart from tickets.

Field names and types follow Zendesk's API reference (tickets, ticket comments, users, organizations,
incremental ticket events). Fields that the lab never reads are there too, because real exports have them.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sample_data.conversations import Conversation, Message
from sample_data.people import Account, Agent, Contact, People
from sample_data.phrases import BOT

Record = dict[str, Any]

API = "https://quillstone.zendesk.example/api/v2"
PRODUCT_FIELD = 360001112223  # the custom field that holds the product category
RELEASE_FIELD = 360001112224
SYSTEM_AUTHOR = -1
CLOSES_AFTER = timedelta(days=4)  # Zendesk's automation turns solved into closed, which is final


def iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def user_id(person: Contact | Agent) -> int:
    return (390000000000 if isinstance(person, Agent) else 380000000000) + person.number


def organization_id(account: Account) -> int:
    return 370000000000 + account.number


def ticket_records(talk: Conversation, now: datetime) -> dict[str, list[Record]]:
    """The records of one conversation by table: `tickets`, `ticket_comments`, `ticket_events`.

    One ticket in fifty comes twice, as live exports repeat a ticket at each change: the older state first.
    """
    comments = list(comment_records(talk))
    events = list(event_records(talk, now))
    updated_at = max(talk.messages[-1].at, datetime.fromisoformat(events[-1]["created_at"]))
    tickets = [ticket_record(talk, status_now(talk, now), updated_at)]
    if talk.number % 50 == 1:
        tickets.insert(0, ticket_record(talk, "new", talk.created_at))
    return {"tickets": tickets, "ticket_comments": comments, "ticket_events": events}


def status_now(talk: Conversation, now: datetime) -> str:
    return "closed" if talk.status == "solved" and talk.messages[-1].at + CLOSES_AFTER < now else talk.status


def ticket_record(talk: Conversation, status: str, updated_at: datetime) -> Record:
    ticket_id = int(talk.key.split("-")[1])
    body = talk.messages[0].text
    answered = status != "new"
    return {
        "id": ticket_id,
        "url": f"{API}/tickets/{ticket_id}.json",
        "external_id": None,
        "subject": talk.subject,
        "raw_subject": talk.subject,
        "description": body,
        "type": "incident" if talk.priority == "urgent" else "question",
        "priority": talk.priority,
        "status": status,
        "requester_id": user_id(talk.contact),
        "submitter_id": user_id(talk.contact),
        "assignee_id": user_id(talk.agent) if answered else None,
        "organization_id": organization_id(talk.contact.account),
        "group_id": 360000000001 if answered else None,
        "brand_id": 360000000100,
        "ticket_form_id": 360000000200,
        "problem_id": None,
        "custom_status_id": None,
        "forum_topic_id": None,
        "recipient": "support@quillstone.example" if talk.channel == "email" else None,
        "collaborator_ids": [],
        "follower_ids": [],
        "email_cc_ids": [],
        "sharing_agreement_ids": [],
        "followup_ids": [],
        "tags": [f"product_{talk.recorded_category}"] if talk.recorded_category else [],
        "custom_fields": [
            {"id": PRODUCT_FIELD, "value": talk.recorded_category},
            {"id": RELEASE_FIELD, "value": None},
        ],
        "satisfaction_rating": {"score": (talk.rating or "offered") if talk.status == "solved" else "unoffered"},
        "is_public": True,
        "has_incidents": False,
        "allow_channelback": False,
        "allow_attachments": True,
        "from_messaging_channel": False,
        "due_at": None,
        "via": {"channel": talk.channel, "source": {"from": {}, "to": {}, "rel": None}},
        "created_at": iso(talk.created_at),
        "updated_at": iso(updated_at),
        "generated_timestamp": int(updated_at.timestamp()),
    }


def comment_records(talk: Conversation) -> Iterator[Record]:
    ticket_id = int(talk.key.split("-")[1])
    for position, message in enumerate(m for m in talk.messages if m.kind != "state"):
        yield {
            "id": 41000000000000 + talk.number * 100 + position,
            "ticket_id": ticket_id,  # the API has no such field; whoever fetches the comments adds it
            "type": "Comment",
            "author_id": author_id(talk, message),
            "body": message.text,
            "html_body": "<p>" + message.text.replace("\n", "<br>") + "</p>",
            "plain_body": message.text,
            "public": message.kind != "note",
            "attachments": [],
            "audit_id": 42000000000000 + talk.number * 100 + position,
            "via": {
                "channel": "system" if message.text == BOT else talk.channel,
                "source": {"from": {}, "to": {}, "rel": None},
            },
            "metadata": {"system": {}, "custom": {}},
            "created_at": iso(message.at),
        }


def author_id(talk: Conversation, message: Message) -> int:
    if message.kind == "customer":
        return user_id(talk.contact)
    return SYSTEM_AUTHOR if message.kind == "bot" else user_id(talk.agent)


def event_records(talk: Conversation, now: datetime) -> Iterator[Record]:
    """The history of the ticket's status, one audit for each change."""
    changes = [(talk.created_at, user_id(talk.contact), "new")]
    for message in talk.messages:
        if message.kind == "state":
            by = user_id(talk.agent) if message.author else user_id(talk.contact)
            changes.append((message.at, by, message.text))
        elif message.kind in ("agent", "note") and changes[-1][2] == "new":
            changes.append((message.at, user_id(talk.agent), "open"))
    if status_now(talk, now) == "closed":
        changes.append((talk.messages[-1].at + CLOSES_AFTER, SYSTEM_AUTHOR, "closed"))
    previous = None
    for position, (at, by, status) in enumerate(changes):
        event_id = 43000000000000 + talk.number * 100 + position
        yield {
            "id": event_id,
            "ticket_id": int(talk.key.split("-")[1]),
            "timestamp": int(at.timestamp()),
            "created_at": iso(at),
            "updater_id": by,
            "event_type": "Audit",
            "child_events": [
                {
                    "id": event_id * 10,
                    "event_type": "Change" if previous else "Create",
                    "status": status,
                    "previous_value": previous,
                }
            ],
        }
        previous = status


def user_records(people: People, since: datetime) -> Iterator[Record]:
    everybody: tuple[Contact | Agent, ...] = (*people.contacts, *people.agents)
    for person in everybody:
        is_agent = isinstance(person, Agent)
        yield {
            "id": user_id(person),
            "url": f"{API}/users/{user_id(person)}.json",
            "name": person.name,
            "email": person.email,
            "role": "agent" if is_agent else "end-user",
            "role_type": None,
            "organization_id": None if isinstance(person, Agent) else organization_id(person.account),
            "default_group_id": 360000000001 if is_agent else None,
            "custom_role_id": None,
            "time_zone": person.time_zone if isinstance(person, Agent) else None,
            "locale": "en-GB",
            "external_id": f"contact-{person.number}" if not is_agent else None,
            "alias": None,
            "phone": None,
            "details": None,
            "notes": None,
            "signature": None,
            "tags": [],
            "user_fields": {"team": person.team} if isinstance(person, Agent) else {},
            "active": True,
            "verified": True,
            "suspended": False,
            "last_login_at": None,
            "created_at": iso(since),
            "updated_at": iso(since),
        }


def organization_records(people: People, since: datetime) -> Iterator[Record]:
    for account in people.accounts:
        yield {
            "id": organization_id(account),
            "name": account.name,
            "external_id": f"acct-{account.number}",
            "group_id": None,
            "domain_names": [account.domain],
            "tags": [],
            "organization_fields": {
                "tier": account.recorded_tier,
                "region": account.region,
                "arr": account.arr,
                "seats": account.seats,
                "industry": account.industry,
            },
            "details": None,
            "notes": None,
            "shared_tickets": False,
            "shared_comments": False,
            "created_at": iso(since),
            "updated_at": iso(since),
        }
