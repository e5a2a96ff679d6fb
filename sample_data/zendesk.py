"""Conversations as the Zendesk Support API returns them: ISO times, 64-bit ids, comments apart from tickets.

Field names and types follow Zendesk's API reference (tickets, ticket comments, users, organizations,
incremental ticket events). Fields that the lab never reads are there too, because real exports have them.
"""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from html import escape
from itertools import pairwise
from typing import Any

from sample_data.people import Account, Agent, Contact, People
from sample_data.story import Conversation, Head, Message

Record = dict[str, Any]

API = "https://quillstone.zendesk.example/api/v2"
PRODUCT_FIELD = 360001112223  # the custom field that holds the product category
RELEASE_FIELD = 360001112224
SYSTEM_AUTHOR = -1
BOT = Agent(9999, "Quill", "quill@quillstone.example", "Automation", "UTC", "00:00")  # only its tag tells
NO_SOURCE: Record = {"from": {}, "to": {}, "rel": None}
CLOSES_AFTER = timedelta(days=4)  # Zendesk's automation turns solved into closed, which is final


def iso(at: datetime) -> str:
    return at.isoformat()[:19] + "Z"  # three times as fast as strftime


def user_id(person: Contact | Agent) -> int:
    return (390000000000 if isinstance(person, Agent) else 380000000000) + person.number


def organization_id(account: Account) -> int:
    return 370000000000 + account.number


def ticket_records(talk: Conversation, now: datetime) -> dict[str, list[Record]]:
    """The records of one conversation by table: `tickets`, `ticket_comments`, `ticket_events`.

    One ticket in fifty comes twice, if it changed, as live exports repeat a ticket at each change: the older state
    first.
    Of a deleted ticket nothing is left but its record, without words.
    """
    status = status_now(talk, now)
    if status == "deleted":
        return {"tickets": [scrubbed(ticket_record(talk, status, talk.messages[-1].at, now))]}
    comments = list(comment_records(talk))
    events = list(event_records(talk, status))
    updated_at = max(talk.messages[-1].at, datetime.fromisoformat(events[-1]["created_at"]))
    tickets = [ticket_record(talk, status, updated_at, now)]
    # Within one second no export could tell which state is the older one.
    if talk.head.number % 50 == 2 and updated_at > talk.head.created_at:
        tickets.insert(0, ticket_record(talk, "new", talk.head.created_at, now))
    return {"tickets": tickets, "ticket_comments": comments, "ticket_events": events}


def status_now(talk: Conversation, now: datetime) -> str:
    """The status that Zendesk shows: merged tickets and those solved some days ago are closed."""
    if talk.status != "solved":
        return talk.status
    return "closed" if talk.head.kind == "twin" or talk.messages[-1].at + CLOSES_AFTER < now else "solved"


def ticket_record(talk: Conversation, status: str, updated_at: datetime, now: datetime) -> Record:
    head = talk.head
    answered = status != "new"
    requester = user_id(head.contact)
    # Now and then the system touches a ticket without a change that anyone made: only the export's own time moves.
    touched_at = updated_at + timedelta(days=2)
    generated_at = touched_at if head.number % 40 == 4 and touched_at < now else updated_at
    return {
        "id": head.ticket_id,
        "url": f"{API}/tickets/{head.ticket_id}.json",
        "external_id": None,
        "subject": head.subject,
        "raw_subject": head.subject,
        "description": talk.messages[0].text,
        "type": ticket_type(head),
        "priority": talk.priority if answered else head.priority,
        "status": status,
        "requester_id": requester,
        "submitter_id": user_id(head.agent) if head.kind == "phoned" else requester,
        "assignee_id": user_id(talk.agent) if answered else None,
        "organization_id": organization_id(head.contact.account) if head.contact.account else None,
        "group_id": 360000000001 if answered else None,
        "brand_id": 360000000100,
        "ticket_form_id": 360000000200,
        "problem_id": None,
        "custom_status_id": None,
        "forum_topic_id": None,
        "recipient": "support@quillstone.example" if head.channel == "email" else None,
        "collaborator_ids": [],
        "follower_ids": [],
        "email_cc_ids": [],
        "sharing_agreement_ids": [],
        "followup_ids": [],
        "tags": tags(talk, status),
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
        "via": {"channel": "phone" if head.kind == "phoned" else head.channel, "source": NO_SOURCE},
        "created_at": iso(head.created_at),
        "updated_at": iso(updated_at),
        "generated_timestamp": int(generated_at.timestamp()),
    }


def tags(talk: Conversation, status: str) -> list[str]:
    found = [f"product_{talk.recorded_category}"] if talk.recorded_category else []
    if talk.head.kind == "twin" and status == "closed":
        found.append("closed_by_merge")
    if talk.head.kind == "spam" and status != "new":
        found.append("spam")
    return found


def scrubbed(ticket: Record) -> Record:
    """A deleted ticket, as the exports show it: the words are gone, the record stays."""
    words = dict.fromkeys(("subject", "raw_subject", "description"), "SCRUBBED")
    return {**ticket, **words, "tags": [], "satisfaction_rating": {"score": "unoffered"}}


def comment_records(talk: Conversation) -> Iterator[Record]:
    for position, message in enumerate(m for m in talk.messages if m.speaker != "state"):
        by_system = message.author is None
        source = merge_source(talk.head) if message.speaker == "merge" else NO_SOURCE
        yield {
            "id": comment_id(talk, position),
            "ticket_id": talk.head.ticket_id,  # the API has no such field; whoever fetches the comments adds it
            "type": "Comment",
            "author_id": author_id(talk, message),
            "body": message.text,
            "html_body": "<p>" + escape(message.text, quote=False).replace("\n", "<br>") + "</p>",
            "plain_body": message.text,
            "public": message.speaker != "note",
            "attachments": [
                {
                    "id": comment_id(talk, position) * 10 + n,
                    "file_name": name,
                    "content_type": "image/png",
                    "size": 48_213,
                }
                for n, name in enumerate(message.attachments)
            ],
            "audit_id": 42000000000000 + talk.head.number * 100 + position,
            "via": {"channel": "system" if by_system else talk.head.channel, "source": source},
            "metadata": {"system": {}, "custom": {}},
            "created_at": iso(message.at),
        }


def merge_source(head: Head) -> Record:
    """Where the line of a merge says that it comes from: in the loser the winner, in the winner all its losers."""
    if head.twin_of:
        told = {"ticket_id": head.twin_of.ticket_id, "subject": head.twin_of.subject}
    else:
        told = {"ticket_ids": [head.ticket_id + 1]}  # the twin is the next ticket
    return {"from": told, "to": {}, "rel": "merge"}


def comment_id(talk: Conversation, position: int) -> int:
    """The id of a ticket's comment, by its position among all that was said."""
    return 41000000000000 + talk.head.number * 100 + position


def author_id(talk: Conversation, message: Message) -> int:
    if message.author is None:  # half of the automatic replies are the system's, half a bot's
        return SYSTEM_AUTHOR if talk.head.number % 4 else user_id(BOT)
    return user_id(message.author)


def event_records(talk: Conversation, status: str) -> Iterator[Record]:
    """The history of the ticket: an audit for its creation, and one for each change of its status or priority."""
    head = talk.head
    opened_by = head.agent if head.kind == "phoned" else head.contact
    statuses = [(head.created_at, user_id(opened_by), "new")]
    for message in talk.messages:
        if message.speaker == "state":
            new = "closed" if head.kind == "twin" else message.text
            statuses.append((message.at, user_id(message.author or head.contact), new))
        elif message.speaker in ("agent", "note", "merge") and statuses[-1][2] == "new" and message.author:
            statuses.append((message.at, user_id(message.author), "open"))
    if status == "closed" and statuses[-1][2] != "closed":
        statuses.append((talk.messages[-1].at + CLOSES_AFTER, SYSTEM_AUTHOR, "closed"))
    changes = [
        (at, by, [{"event_type": "Change", "status": new, "previous_value": previous}])
        for (_, _, previous), (at, by, new) in pairwise(statuses)
    ]
    if (urged := talk.raise_of_priority) and urged.author:
        raised = {"event_type": "Change", "priority": talk.priority, "previous_value": head.priority}
        changes.append((urged.at, user_id(urged.author), [raised]))
    changes.sort(key=lambda change: change[0])
    audits = [(head.created_at, user_id(opened_by), created(head)), *changes]
    for position, (at, by, children) in enumerate(audits):
        event_id = 43000000000000 + head.number * 100 + position
        yield {
            "id": event_id,
            "ticket_id": head.ticket_id,
            "timestamp": int(at.timestamp()),
            "created_at": iso(at),
            "updater_id": by,
            "event_type": "Audit",
            "child_events": [{"id": event_id * 10 + n, **child} for n, child in enumerate(children)],
        }


def created(head: Head) -> list[Record]:
    """What was set when the ticket was made: Zendesk tells each field in a child event of its own."""
    fields = {"status": "new", "priority": head.priority, "type": ticket_type(head)}
    return [
        {"event_type": "Create", name: value}
        for name, value in {**fields, "requester_id": user_id(head.contact)}.items()
    ]


def ticket_type(head: Head) -> str:
    return "incident" if head.priority == "urgent" else "question"


def user_records(people: People, since: datetime, now: datetime) -> Iterator[Record]:
    """Everybody who writes on Zendesk, the agents, and a bot with an agent's role.

    Who has left is an end-user: that is what Zendesk makes of agents, and it does not say what they were.
    """
    for contact in (*people.contacts, *people.strangers):
        if "zendesk" in contact.desks:
            yield user_record(contact, since)
    for agent in people.agents:
        record = user_record(agent, since)
        if agent.left_on and agent.left_on < now.date():
            evening = datetime.combine(agent.left_on, time(18))
            record |= {"role": "end-user", "default_group_id": None, "updated_at": iso(evening)}
        yield record
    yield {**user_record(BOT, since), "tags": ["bot"]}


def user_record(person: Contact | Agent, since: datetime) -> Record:
    agent = person if isinstance(person, Agent) else None
    account = None if isinstance(person, Agent) else person.account
    return {
        "id": user_id(person),
        "url": f"{API}/users/{user_id(person)}.json",
        "name": person.name,
        "email": person.email,
        "role": "agent" if agent else "end-user",
        "role_type": None,
        "organization_id": organization_id(account) if account else None,
        "default_group_id": 360000000001 if agent else None,
        "custom_role_id": None,
        "time_zone": agent.time_zone if agent else None,
        "locale": "en-GB",
        "external_id": f"contact-{person.number}" if account else None,
        "alias": None,
        "phone": None if isinstance(person, Agent) else person.phone,
        "details": None,
        "notes": None,
        "signature": None,
        "tags": [],
        "user_fields": {"team": agent.team} if agent else {},
        "active": True,
        "verified": True,
        "suspended": False,
        "last_login_at": None,
        "created_at": iso(since),
        "updated_at": iso(since),
    }


def organization_records(people: People, now: datetime) -> Iterator[Record]:
    """Every account with its plan of today, and what the one before was."""
    for account in people.accounts:
        plan = account.plan_at(now)
        before = [other for other in account.plans if other.since < plan.since]
        yield {
            "id": organization_id(account),
            "name": account.name,
            "external_id": f"acct-{account.number}",
            "group_id": None,
            "domain_names": [account.domain],
            "tags": [],
            "organization_fields": {
                "tier": account.recorded_tier(plan),
                "region": account.region,
                "arr": plan.arr,
                "seats": plan.seats,
                "industry": account.industry,
                "plan_since": iso(plan.since) if before else None,
                "previous_tier": account.recorded_tier(before[-1]) if before else None,
                "previous_arr": before[-1].arr if before else None,
            },
            "details": None,
            "notes": None,
            "shared_tickets": False,
            "shared_comments": False,
            "created_at": iso(account.plans[0].since),
            "updated_at": iso(plan.since),
        }
