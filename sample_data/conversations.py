"""What is said at the help desk, before either help desk gives it its own shape.

A `Conversation` is neutral: who said what when, and what was true. `zendesk.py` and `intercom.py`
turn it into API records, `truth.py` writes down what every number must be.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sample_data.calendar import arrivals, company_clock, on_shift
from sample_data.catalogue import Catalogue, Category, Problem, Resolution
from sample_data.company import Company
from sample_data.people import Agent, Contact, People
from sample_data.phrases import AGAIN, AGENT_CLOSINGS, AGENT_OPENINGS, BOT, CLOSINGS, GREETINGS, NOT_YET, THANKS

Rating = Literal["good", "bad"]
Kind = Literal["customer", "agent", "note", "bot", "state"]

RATINGS: tuple[Rating | None, ...] = ("good", "bad", None)
PRIORITIES = {"urgent": 0.07, "high": 0.2, "normal": 0.58, "low": 0.15}
CHANNELS = {"zendesk": {"email": 0.6, "web": 0.32, "api": 0.08}, "intercom": {"conversation": 0.8, "email": 0.2}}


@dataclass(frozen=True)
class Message:
    """One thing that was said, or (kind `state`) one change of state, with `text` naming the new state."""

    at: datetime
    kind: Kind
    author: int  # number of the contact or agent; 0 for the bot and the system
    text: str


@dataclass(frozen=True)
class Conversation:
    """One ticket of either help desk, from its first message to the company's clock."""

    number: int
    help_desk: Literal["zendesk", "intercom"]
    contact: Contact
    agent: Agent
    category: Category
    problem: Problem
    resolution: Resolution
    recorded_category: str | None  # what the agent filled in; sometimes nothing
    priority: str
    channel: str
    subject: str
    created_at: datetime
    messages: tuple[Message, ...]  # in order of time, the customer's first message first
    status: Literal["new", "open", "pending", "solved"]
    rating: Rating | None

    @property
    def key(self) -> str:
        """The ticket's name in both tracks, such as zendesk-400017."""
        return f"{self.help_desk}-{400000 + self.number}"


def make_conversations(
    company: Company, catalogue: Catalogue, people: People, seed: int, count: int
) -> Iterator[Conversation]:
    """`count` conversations in order of arrival, every third on Intercom, each from its own random stream."""
    now = company_clock(company)
    problems = list(catalogue.problems())
    weights = [problem.weight for _, problem in problems]
    writers = contacts_by_tier(people)
    for number, created_at in enumerate(arrivals(company, seed, count), start=1):
        rng = random.Random(f"{seed}:{number}")
        category, problem = rng.choices(problems, weights)[0]
        tier = rng.choices(problem.tiers, [company.tiers[t].tickets for t in problem.tiers])[0]
        contact = rng.choice(writers[tier])
        yield converse(company, people, category, problem, contact, number, created_at, now, rng)


def contacts_by_tier(people: People) -> dict[str, list[Contact]]:
    groups: dict[str, list[Contact]] = {}
    for contact in people.contacts:
        groups.setdefault(contact.account.tier, []).append(contact)
    return groups


def converse(
    company: Company,
    people: People,
    category: Category,
    problem: Problem,
    contact: Contact,
    number: int,
    created_at: datetime,
    now: datetime,
    rng: random.Random,
) -> Conversation:
    """One whole conversation; what would happen after `now` has not happened yet."""
    help_desk: Literal["zendesk", "intercom"] = "intercom" if number % 3 == 0 else "zendesk"
    priority = rng.choices(list(PRIORITIES), list(PRIORITIES.values()))[0]
    channel = rng.choices(list(CHANNELS[help_desk]), list(CHANNELS[help_desk].values()))[0]
    release = company.release_at(created_at.date())
    resolution = problem.resolution_for(contact.account.tier, release, tuple(company.releases))
    agent = rng.choice([a for a in people.agents if a.team == team_for(category)])
    phrasing = rng.choice(problem.phrasings)
    messages = talk(
        company, category, problem, resolution, contact, agent, priority, help_desk, phrasing, created_at, rng
    )
    messages = [message for message in messages if message.at < now]
    status = status_of(messages)
    solved = status == "solved"
    return Conversation(
        number=number,
        help_desk=help_desk,
        contact=contact,
        agent=agent,
        category=category,
        problem=problem,
        resolution=resolution,
        recorded_category=None if rng.random() < 0.03 else category.category,
        priority=priority,
        channel=channel,
        subject=subject_from(phrasing),
        created_at=created_at,
        messages=tuple(messages),
        status=status,
        rating=rng.choices(RATINGS, [0.35, 0.05, 0.6])[0] if solved else None,
    )


def team_for(category: Category) -> str:
    """Who answers what: money goes to Billing, data and interfaces to Technical, the rest to Frontline."""
    return {"billing": "Billing", "imports": "Technical", "integrations": "Technical", "exports": "Technical"}.get(
        category.category, "Frontline"
    )


def talk(
    company: Company,
    category: Category,
    problem: Problem,
    resolution: Resolution,
    contact: Contact,
    agent: Agent,
    priority: str,
    help_desk: str,
    phrasing: str,
    created_at: datetime,
    rng: random.Random,
) -> list[Message]:
    """The messages and state changes as they would happen if time never ended."""
    said: list[Message] = []
    clock = created_at
    target = company.first_reply_target[contact.account.tier][priority]

    def say(kind: Kind, author: int, text: str) -> None:
        said.append(Message(clock, kind, author, text))

    def agent_acts(minutes: float) -> datetime:
        return on_shift(agent, clock + timedelta(seconds=int(60 * minutes * rng.lognormvariate(0, 0.8))))

    def customer_acts(minutes: float) -> datetime:
        return clock + timedelta(seconds=int(60 * minutes * rng.lognormvariate(0, 0.9)) + 30)

    first_name = contact.name.split()[0]
    say("customer", contact.number, opening(phrasing, category, contact, help_desk, rng))
    if rng.random() < 0.4:
        clock += timedelta(seconds=rng.randint(1, 20))
        say("bot", 0, BOT)
    if rng.random() < 0.04:  # nobody ever answers; some of these are closed all the same
        if rng.random() < 0.5:
            clock = agent_acts(60 * 24 * 6)
            say("state", agent.number, "solved")
        return said

    clock = agent_acts(target * 0.35)
    if rng.random() < 0.35:
        say("note", agent.number, rng.choice(problem.private_notes))
        clock += timedelta(minutes=rng.randint(1, 25), seconds=rng.randrange(60))
    hello = rng.choice(AGENT_OPENINGS).format(name=first_name)
    if rng.random() < 0.62:
        say("agent", agent.number, f"{hello}\n\n{rng.choice(problem.agent_questions)}")
        say("state", agent.number, "pending")
        clock = customer_acts(240)
        if rng.random() < 0.03:  # the customer never comes back
            return said
        say("customer", contact.number, rng.choice(problem.customer_answers))
        say("state", 0, "open")
        clock = agent_acts(target * 0.3)
        hello = f"Thank you, {first_name}."
    if rng.random() < 0.03:  # still being worked on
        return said

    wordings = rng.sample(resolution.wordings, k=2)
    say("agent", agent.number, f"{hello}\n\n{wordings[0]} {rng.choice(AGENT_CLOSINGS)}".strip())
    say("state", agent.number, "solved")
    if rng.random() < 0.55:
        clock = customer_acts(300)
        say("customer", contact.number, rng.choice(THANKS))
    elif rng.random() < 0.16:
        clock = customer_acts(1500)
        say("customer", contact.number, rng.choice(NOT_YET))
        say("state", 0, "open")
        clock = agent_acts(target * 0.3)
        say("agent", agent.number, f"{rng.choice(AGAIN).format(name=first_name)}\n\n{wordings[1]}")
        say("state", agent.number, "solved")
    return said


def opening(phrasing: str, category: Category, contact: Contact, help_desk: str, rng: random.Random) -> str:
    """The customer's first message: a mail with manners on Zendesk, a line of chat on Intercom."""
    details = rng.sample(
        category.details, k=rng.choice([0, 1, 1, 2]) if help_desk == "zendesk" else rng.choice([0, 0, 1])
    )
    body = " ".join([phrasing, *details])
    if help_desk == "intercom":
        return body if rng.random() < 0.6 else f"{rng.choice(GREETINGS)} {body}"
    return f"{rng.choice(GREETINGS)}\n\n{body}\n\n{rng.choice(CLOSINGS)}\n{contact.name}\n{contact.account.name}"


def subject_from(phrasing: str) -> str:
    """The first words of what the customer wrote, as people title their mails."""
    words = phrasing.split()
    return " ".join(words[:7]).rstrip(".,:;!?") + ("…" if len(words) > 7 else "")


def status_of(messages: list[Message]) -> Literal["new", "open", "pending", "solved"]:
    states = [message.text for message in messages if message.kind == "state"]
    if states and states[-1] in ("open", "pending", "solved"):
        return states[-1]  # type: ignore[return-value]
    return "open" if any(message.kind in ("agent", "note") for message in messages) else "new"
