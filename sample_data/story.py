"""The nouns of the generator: what a ticket is about before a word is written, and what it is when all is said.

A `Conversation` is neutral: who said what when, and what was true. `zendesk.py` and `intercom.py`
turn it into API records, `truth.py` writes down what every number must be.
"""

import random
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sample_data.catalogue import Category, Problem, Resolution
from sample_data.company import Tier
from sample_data.people import Agent, Contact, HelpDesk
from sample_data.personal_data import Kind as PersonalKind

Rating = Literal["good", "bad"]
Speaker = Literal["customer", "agent", "note", "bot", "merge", "state"]
Status = Literal["new", "open", "pending", "hold", "solved", "deleted"]
Kind = Literal[
    "usual",
    "phoned",  # an agent opens the ticket for the customer, after a call
    "unanswered",  # nobody ever answers
    "spam",
    "twin",  # the same customer writes again before anybody answered; merged into the first ticket
]

RAISED = {"low": "normal", "normal": "high", "high": "urgent"}
RAISES = 0.055  # share of the tickets that an agent could raise; one Zendesk ticket in 25


@dataclass(frozen=True)
class Message:
    """One thing that was said, or (`state`) one change of state, with `text` naming the new state.

    `merge` is the line that the help desk writes in an agent's name when tickets are merged.
    """

    at: datetime
    speaker: Speaker
    author: Contact | Agent | None  # None is the help desk itself
    text: str
    attachments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Question:
    """A problem that a customer has, and the resolution that is right for them at that time."""

    category: Category
    problem: Problem
    resolution: Resolution


@dataclass(frozen=True)
class Head:
    """What is settled about a ticket before the first word: who, when, where, about what."""

    number: int
    help_desk: HelpDesk
    kind: Kind
    created_at: datetime
    contact: Contact
    tier: Tier | None  # of the contact's account at that time
    questions: tuple[Question, ...]  # none for spam, sometimes two
    phrasing: str  # how the customer puts the first of them
    priority: str  # when the ticket came: what was promised goes by it
    channel: str
    agent: Agent
    twin_of: "Head | None" = None

    @property
    def subject(self) -> str:
        """The first words of what the customer wrote, as people title their mails."""
        words = self.phrasing.split()
        return " ".join(words[:7]).rstrip(".,:;!?") + ("…" if len(words) > 7 else "")

    @property
    def ticket_id(self) -> int:
        """The number by which both help desks know it."""
        return 400_000 + self.number


@dataclass(frozen=True)
class Conversation:
    """One ticket of either help desk, from its first message to the company's clock."""

    head: Head
    agent: Agent  # who has it now
    recorded_category: str | None  # what the agent filled in; sometimes nothing
    messages: tuple[Message, ...]  # in order of time
    status: Status
    rating: Rating | None
    is_right: bool  # the last answer given is the right one
    personal: dict[str, PersonalKind]  # personal data in the texts, by value
    instructions: tuple[str, ...]  # sentences aimed at a language model, as they stand in the texts

    @property
    def key(self) -> str:
        """The ticket's name in both tracks, such as zendesk-400017."""
        return f"{self.head.help_desk}-{self.head.ticket_id}"

    @property
    def replies(self) -> list[Message]:
        """Public messages of human agents that answer; the first words of a phoned ticket are its opening."""
        said = [message for message in self.messages if message.speaker == "agent"]
        return said[1:] if self.head.kind == "phoned" else said

    @property
    def raise_of_priority(self) -> Message | None:
        """What an agent wrote when they saw that the ticket was more urgent than it had said; only on Zendesk."""
        head = self.head
        if head.help_desk != "zendesk" or head.priority not in RAISED:
            return None
        if random.Random(f"priority:{head.ticket_id}:{head.phrasing}").random() > RAISES:  # draws nothing from others
            return None
        by_agents = (message for message in self.messages if message.speaker in ("agent", "note"))
        return next((message for message in by_agents if message.at > head.created_at), None)

    @property
    def priority(self) -> str:
        """The priority that the ticket has now."""
        return RAISED[self.head.priority] if self.raise_of_priority else self.head.priority

    @property
    def is_answered(self) -> bool:
        """A human gave the right answer and the ticket is solved: it is knowledge."""
        return self.status == "solved" and self.is_right and self.head.kind in ("usual", "phoned")
