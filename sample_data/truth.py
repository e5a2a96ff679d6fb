"""What every number and every answer must be, written down while the conversations are made.

Nothing here is read by the two tracks. The tests, the evaluation and the comparison are held to it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from sample_data.catalogue import Catalogue, Problem
from sample_data.company import TIERS, Company
from sample_data.conversations import Conversation

Record = dict[str, Any]


@dataclass(frozen=True)
class TicketTruth:
    """One ticket: its metrics by ../METRICS' definitions, and what was wrong and what helped."""

    ticket_key: str
    help_desk: str
    problem_id: str
    resolution_id: str
    is_answered: bool  # a human answered and solved it: it is knowledge
    product_category: str
    customer_tier: str
    region: str
    channel: str
    status: str
    created_at: str
    first_reply_minutes: float | None
    first_resolution_minutes: float | None
    full_resolution_minutes: float | None
    reopen_count: int


def ticket_truth(talk: Conversation, status: str) -> TicketTruth:
    """The truth about one conversation. `status` is the one the help desk shows.

    First reply: created to the first public message of a human agent. First and full resolution:
    created to the first and to the last time it was solved, null while it is not solved.
    """
    replies = [m.at for m in talk.messages if m.kind == "agent"]
    states = [m for m in talk.messages if m.kind == "state"]
    solved = [m.at for m in states if m.text == "solved"]
    is_solved = talk.status == "solved"
    account = talk.contact.account
    return TicketTruth(
        ticket_key=talk.key,
        help_desk=talk.help_desk,
        problem_id=talk.problem.id,
        resolution_id=talk.resolution.id,
        is_answered=is_solved and bool(replies),
        product_category=talk.recorded_category or "unknown",
        customer_tier=account.recorded_tier if account.recorded_tier in TIERS else "unknown",
        region=account.region,
        channel="chat" if talk.channel == "conversation" else talk.channel,
        status=status,
        created_at=talk.created_at.isoformat(),
        first_reply_minutes=minutes(talk.created_at, replies[0]) if replies else None,
        first_resolution_minutes=minutes(talk.created_at, solved[0]) if is_solved else None,
        full_resolution_minutes=minutes(talk.created_at, solved[-1]) if is_solved else None,
        reopen_count=sum(1 for before, after in pairwise(states) if before.text == "solved" and after.text != "solved"),
    )


def minutes(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds() / 60


def document_text(talk: Conversation) -> str:
    """The public words of a conversation in speaker turns, pasted logs shortened, for the corpus of the golden set."""
    turns = ((m.kind, m.text[:5_000]) for m in talk.messages if m.kind in ("customer", "agent"))
    return "\n\n".join(f"{'Customer' if kind == 'customer' else 'Agent'}: {text}" for kind, text in turns)


def golden_queries(catalogue: Catalogue, company: Company, unanswered: Iterable[str]) -> Iterator[Record]:
    """Held-out queries with the reference answer, the facts it must and must not state, tags and split.

    The split is by problem, every second one to `test`, so that no problem stands on both sides.
    """
    releases = tuple(company.releases)
    for number, (category, problem) in enumerate(catalogue.problems()):
        for position, golden in enumerate(problem.golden):
            tier = problem.tiers[position % len(problem.tiers)]
            right = problem.resolution_for(tier, releases[-1], releases)
            yield {
                "_id": f"{problem.id}-q{position + 1}",
                "text": golden.text,
                "problem_id": problem.id,
                "resolution_id": right.id,
                "product_category": category.category,
                "customer_tier": tier,
                "tags": sorted(golden.tags),
                "split": "test" if number % 2 else "dev",
                "reference": right.wordings[0],
                "facts": list(right.facts),
                "forbidden": sorted(wrong_facts(problem, right.id)),
            }
    for number, text in enumerate(unanswered, start=1):
        yield {
            "_id": f"unanswered-q{number}",
            "text": text,
            "problem_id": None,
            "resolution_id": None,
            "product_category": None,
            "customer_tier": "pro",
            "tags": ["unanswered"],
            "split": "test" if number % 2 else "dev",
            "reference": None,
            "facts": [],
            "forbidden": [],
        }


def wrong_facts(problem: Problem, right: str) -> set[str]:
    """Facts of the problem's other resolutions that the right one never states."""
    stated = [w.lower() for r in problem.resolutions if r.id == right for w in r.wordings]
    others = {fact for r in problem.resolutions if r.id != right for fact in r.facts}
    return {fact for fact in others if not any(fact.lower() in wording for wording in stated)}


def qrels(queries: Iterable[Record], tickets: Iterable[TicketTruth]) -> Iterator[tuple[str, str, int]]:
    """(query, ticket, grade): 2 the resolution valid now for the query's tier, 1 the right problem only."""
    by_problem: dict[str, list[TicketTruth]] = {}
    for ticket in tickets:
        if ticket.is_answered:
            by_problem.setdefault(ticket.problem_id, []).append(ticket)
    for query in queries:
        for ticket in by_problem.get(query["problem_id"], []):
            yield query["_id"], ticket.ticket_key, 2 if ticket.resolution_id == query["resolution_id"] else 1


def as_record(ticket: TicketTruth) -> Record:
    return asdict(ticket)
