"""A conversation as somebody sees it who looks at the help desk: its statuses, its replies, its waits.

Told from the story itself and never from the API records, so that a mistake in writing those is found out.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from sample_data.business_time import BusinessTime, Moment
from sample_data.people import Agent
from sample_data.story import Conversation

INTERCOM_SHOWS = {"new": "open", "hold": "pending"}  # it knows open, snoozed and closed only


class Change(NamedTuple):
    """When a ticket went into a status."""

    at: Moment
    status: str


class Span(NamedTuple):
    """From one moment to another."""

    start: Moment
    end: Moment


@dataclass(frozen=True)
class Observed:
    """One conversation, seen from outside."""

    status: str  # what the help desk shows now
    is_merged: bool  # away, into another ticket
    is_solved: bool
    created: Moment
    history: list[Change]  # every status; but not that Zendesk's automation closes what is solved
    waits: list[tuple[str, Span]]  # the spans in a status that are over; the present one is not
    solves: list[Moment]  # when it was solved, or, if it never was, closed; none unless it is solved now
    reopen_count: int
    message_count: int
    comment_count: int  # what human agents said in public, the opening of a phoned ticket included
    replies: list[Moment]  # the same without the opening, and none where it was merged away
    bursts: list[Span]  # from the customer's first message after a reply to the next reply, if it came
    writers: set[int]  # the numbers of the human agents who wrote, in public or in a note


def observe(talk: Conversation, status: str, clock: BusinessTime) -> Observed:
    """What can be seen of a conversation. `status` is the one that the help desk shows now."""
    is_merged = talk.head.twin_of is not None and status == "closed"
    is_solved = status in ("solved", "closed") and not is_merged
    said = [message for message in talk.messages if message.speaker not in ("state", "merge")]
    comments = [message for message in said if message.speaker == "agent"]
    history = status_history(talk, clock)
    solves = [at for at, wanted in history if wanted == "solved"] or [
        at for at, wanted in history if wanted == "closed"
    ]
    changes = list(pairwise(history))
    return Observed(
        status=status,
        is_merged=is_merged,
        is_solved=is_solved,
        created=clock.moment(talk.head.created_at),
        history=history,
        waits=[(before.status, Span(before.at, after.at)) for before, after in changes],
        solves=solves if is_solved else [],
        reopen_count=sum(a.status == "solved" and b.status not in ("solved", "closed") for a, b in changes),
        message_count=len(said),
        comment_count=len(comments),
        replies=[] if is_merged else [clock.moment(m.at) for m in comments[talk.head.kind == "phoned" :]],
        bursts=[] if is_merged else bursts(talk, clock),
        writers={message.author.number for message in said if isinstance(message.author, Agent)},
    )


def status_history(talk: Conversation, clock: BusinessTime) -> list[Change]:
    """Every status since the ticket came.

    On Zendesk it is new until an agent writes something, and a merge closes at once what it merges away.
    On Intercom it is open at once, and nothing is on hold.
    """
    is_zendesk, is_twin = talk.head.help_desk == "zendesk", talk.head.kind == "twin"
    found = [Change(clock.moment(talk.head.created_at), "new" if is_zendesk else "open")]
    for message in talk.messages:
        if message.speaker == "state":
            shown = "closed" if is_twin and message.text == "solved" else message.text
            found.append(Change(clock.moment(message.at), shown if is_zendesk else INTERCOM_SHOWS.get(shown, shown)))
        elif is_zendesk and found[-1].status == "new" and message.speaker in ("agent", "note", "merge"):
            found.append(Change(clock.moment(message.at), "open"))
    return found


def bursts(talk: Conversation, clock: BusinessTime) -> list[Span]:
    """From the customer's first message after a reply to the next reply. The opening answers nobody."""
    found: list[Span] = []
    asked: Moment | None = None
    for message in talk.messages:
        if message.speaker == "customer":
            asked = asked or clock.moment(message.at)
        elif asked and message.speaker == "agent":
            found.append(Span(asked, clock.moment(message.at)))
            asked = None
    return found
