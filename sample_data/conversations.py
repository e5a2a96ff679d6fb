"""Make the conversations of the sample company, in order of arrival, each from its own random stream.

A conversation is written as it would go if time never ended, and cut at the company's clock. So the same
ticket goes on where it stood when the clock is set a day later (`make tomorrow`).
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sample_data import scenes
from sample_data.calendar import Arrival, arrivals, company_clock
from sample_data.catalogue import Catalogue, Category, Problem, Resolution
from sample_data.company import Company, Tier
from sample_data.people import Agent, HelpDesk, People
from sample_data.phrases import SPAM
from sample_data.script import Script
from sample_data.story import Conversation, Head, Kind, Message, Question, Rating, Status

PRIORITIES = {"urgent": 0.07, "high": 0.2, "normal": 0.58, "low": 0.15}
CHANNELS: dict[HelpDesk, dict[str, float]] = {
    "zendesk": {"email": 0.6, "web": 0.32, "api": 0.08},
    "intercom": {"conversation": 0.85, "email": 0.15},
}
KINDS: dict[Kind, float] = {"usual": 0.91, "phoned": 0.02, "unanswered": 0.045, "spam": 0.025}
TWO_PROBLEMS, TWINS, DELETED = 0.03, 0.02, 0.012  # shares of all tickets
TEAMS = {"billing": "Billing", "imports": "Technical", "integrations": "Technical", "exports": "Technical"}
RATINGS: tuple[Rating | None, ...] = ("good", "bad", None)


@dataclass(frozen=True)
class World:
    """Everything that conversations are made from."""

    company: Company
    people: People
    seed: int
    problems: tuple[tuple[Category, Problem], ...]
    weights: tuple[float, ...]
    by_id: dict[str, tuple[Category, Problem]]
    releases: tuple[str, ...]
    now: datetime
    right: dict[tuple[str, str, str], Resolution] = field(default_factory=dict)  # found so far

    def question(self, category: Category, problem: Problem, tier: str, at: datetime) -> Question:
        """The problem with the resolution that is right for `tier` at that time."""
        key = problem.id, tier, self.company.release_at(at.date())
        if key not in self.right:
            self.right[key] = problem.resolution_for(tier, key[2], self.releases)
        return Question(category, problem, self.right[key])

    def wrong_answer(self, head: Head) -> Resolution | None:
        """What an agent in a hurry would answer: the outdated resolution, or that of a problem which looks alike."""
        problem, right = head.questions[0].problem, head.questions[0].resolution
        release = self.company.release_at(head.created_at.date())
        gone = [
            r
            for r in problem.resolutions
            if r is not right
            and head.tier in r.tiers
            and r.until
            and self.releases.index(r.until) <= self.releases.index(release)
        ]
        alike = [self.by_id[other] for other in problem.confused_with]
        others = [
            self.question(category, other, head.tier, head.created_at).resolution
            for category, other in alike
            if head.tier in other.tiers
        ]
        wrong = [*gone, *others]
        return wrong[head.number % len(wrong)] if wrong else None


def make_conversations(
    company: Company, catalogue: Catalogue, people: People, seed: int, count: int, days: int = 0
) -> Iterator[Conversation]:
    """`count` conversations of the company's year and those of `days` more days, in order of arrival."""
    problems = tuple(catalogue.problems())
    world = World(
        company,
        people,
        seed,
        problems,
        tuple(problem.weight for _, problem in problems),
        {problem.id: (category, problem) for category, problem in problems},
        tuple(company.releases),
        company_clock(company, days),
    )
    moments = arrivals(company, seed, count, days)
    later = later_events(company, seed, count, moments, days)
    twin: Head | None = None
    merge: Message | None = None
    for number, arrival in enumerate(moments, start=1):
        rng = random.Random(f"{seed}:{number}")
        head, twin = (twin, None) if twin else (make_head(world, number, arrival, rng), None)
        if head.kind == "usual" and head.help_desk == "zendesk" and number < count and rng.random() < TWINS * 2:
            twin = make_twin(head, moments[number][0], rng)
        script = write(world, head, twin, merge, rng)
        for at, what in later.get(number, []):
            happen_later(script, company, at, what)
        merge = next((message for message in script.messages if message.speaker == "merge"), None)
        yield cut(world, script)


def make_head(world: World, number: int, arrival: Arrival, rng: random.Random) -> Head:
    """Who, where and about what, before the first word."""
    created_at, incident = arrival
    desk: HelpDesk = "intercom" if number % 2 else "zendesk"
    kind = rng.choices(list(KINDS), list(KINDS.values()))[0] if incident is None else "usual"
    priority = rng.choices(list(PRIORITIES), list(PRIORITIES.values()))[0]
    channel = rng.choices(list(CHANNELS[desk]), list(CHANNELS[desk].values()))[0]
    if kind == "spam":
        agent = world.people.taker("Frontline", created_at, rng)
        stranger = rng.choice(world.people.strangers)
        return Head(number, desk, kind, created_at, stranger, None, (), rng.choice(SPAM), "normal", channel, agent)
    category, problem = world.by_id[incident] if incident else rng.choices(world.problems, world.weights)[0]
    tier: Tier = rng.choices(problem.tiers, [world.company.tiers[t].tickets for t in problem.tiers])[0]
    contact = world.people.writer(desk, tier, created_at, rng)
    questions = [world.question(category, problem, tier, created_at)]
    if rng.random() < TWO_PROBLEMS and kind == "usual":
        other_category, other = rng.choice(world.problems)
        if other is not problem and tier in other.tiers:
            questions.append(world.question(other_category, other, tier, created_at))
    agent = world.people.taker(TEAMS.get(category.category, "Frontline"), created_at, rng)
    phrasing = rng.choice(problem.phrasings)
    return Head(
        number, desk, kind, created_at, contact, tier, tuple(questions), phrasing, priority, channel, agent
    )  # fmt: skip


def make_twin(winner: Head, before: datetime, rng: random.Random) -> Head:
    """The same request once more, within ninety minutes and before the next ticket comes in."""
    patience = min((before - winner.created_at).total_seconds(), 5400) * rng.uniform(0.1, 0.9)
    return Head(
        number=winner.number + 1,
        help_desk=winner.help_desk,
        kind="twin",
        created_at=winner.created_at + timedelta(seconds=int(patience)),
        contact=winner.contact,
        tier=winner.tier,
        questions=winner.questions,
        phrasing=rng.choice(winner.questions[0].problem.phrasings),
        priority=winner.priority,
        channel=winner.channel,
        agent=winner.agent,
        twin_of=winner,
    )


def write(world: World, head: Head, twin: Head | None, merge: Message | None, rng: random.Random) -> Script:
    """The whole conversation. `twin` will be merged into it; `merge` is how the one before it was merged with it."""
    script = Script(head, rng, world.people, frozenset(world.company.holidays), head.created_at, head.agent)
    if head.kind == "spam":
        scenes.spam(script)
    elif head.twin_of:
        scenes.twin(script, head.twin_of, merge)
    else:
        scenes.usual(script, world.company, world.people, world.wrong_answer, twin)
        if rng.random() < DELETED and not twin:
            delete(script, head.created_at + timedelta(days=rng.randint(1, 40), seconds=rng.randrange(40_000)))
    return script


def delete(script: Script, at: datetime) -> None:
    """Somebody deletes the ticket; nothing happens in it afterwards."""
    script.messages = [message for message in script.messages if message.at < at]
    script.clock = at
    script.becomes("deleted", None)


def later_events(
    company: Company, seed: int, count: int, moments: list[Arrival], days: int
) -> dict[int, list[tuple[datetime, str]]]:
    """What `make tomorrow` brings to tickets that are there: each day two deletions and a dozen visits."""
    events: dict[int, list[tuple[datetime, str]]] = {}
    for n in range(1, days + 1):
        rng = random.Random(f"{seed}:later:{n}")
        dawn = company_clock(company, n - 1)
        there = sum(at < dawn for at, _ in moments)
        touched = rng.sample(range(there - 30, there + 1), 12)
        deleted = (rng.randint(1, there - 30) for _ in range(2))
        for number, what in [*((n, "deleted") for n in deleted), *((n, "touched") for n in touched)]:
            at = dawn + timedelta(hours=2, seconds=rng.randrange(8 * 3600))
            events.setdefault(number, []).append((at, what))
    return events


def happen_later(script: Script, company: Company, at: datetime, what: str) -> None:
    """A deletion, a late comment where the ticket is open, a reopening where it was solved within three days."""
    before = [message for message in script.messages if message.at < at]
    status = status_of(before)
    if what == "deleted" and status != "deleted":
        delete(script, at)
        return
    if status == "deleted" or script.head.kind in ("spam", "twin"):
        return
    rest = script.messages[len(before) :]
    script.messages, script.clock = before, at
    if status != "solved":
        scenes.late_message(script)
        script.messages += rest
    elif script.right_at and at - before[-1].at < timedelta(days=3):
        scenes.came_back(script, company.sla[script.head.tier or "free"].first_reply[script.head.priority])
    else:
        script.messages += rest


def cut(world: World, script: Script) -> Conversation:
    """The conversation as it stands at the company's clock: what comes later has not happened yet."""
    head, rng = script.head, random.Random(f"{world.seed}:{script.head.number}:end")
    messages = tuple(message for message in script.messages if message.at < world.now)
    agents = [message.author for message in messages if isinstance(message.author, Agent)]
    status = status_of(messages)
    is_right = script.right_at is not None and script.right_at < world.now
    rated = status == "solved" and head.kind in ("usual", "phoned", "unanswered")
    rating = rng.choices(RATINGS, [0.35, 0.04, 0.61] if is_right else [0.03, 0.6, 0.37])[0]
    return Conversation(
        head=head,
        agent=agents[-1] if agents else head.agent,
        recorded_category=head.questions[0].category.category if head.questions and rng.random() > 0.03 else None,
        messages=messages,
        status=status,
        rating=rating if rated else None,
        is_right=is_right,
        personal=script.personal,
        instructions=tuple(script.instructions),
    )


def status_of(messages: list[Message] | tuple[Message, ...]) -> Status:
    """The status that the last change left; before any, a ticket is open once an agent has touched it."""
    for message in reversed(messages):
        if message.speaker == "state":
            return message.text  # type: ignore[return-value]
    return "open" if any(message.speaker in ("agent", "note", "merge") for message in messages) else "new"
