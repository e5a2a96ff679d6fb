"""What every answer must be, written down while the conversations are made; ticket_truth.py has every number.

Nothing here is read by the two tracks. The tests, the evaluation and the comparison are held to it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, NamedTuple

from sample_data import intercom, zendesk
from sample_data.catalogue import Catalogue, Problem
from sample_data.company import TIERS, Company
from sample_data.people import People
from sample_data.personal_data import occurrences
from sample_data.story import Conversation, Message
from sample_data.ticket_truth import ticket_truth as ticket_truth  # one door to all that is true

Record = dict[str, Any]


class Answered(NamedTuple):
    """What the golden set must know about a ticket; small, because there can be many."""

    ticket_key: str
    problem_ids: tuple[str, ...]
    resolution_ids: tuple[str, ...]


def personal_data(talk: Conversation) -> Iterator[Record]:
    """Every place where personal data stands, notes included: kind, value, offsets in the plain text."""
    if talk.personal:
        for record_id, message in said(talk):
            for planted in occurrences(message.text, talk.personal):
                yield {"ticket_key": talk.key, "message_id": record_id, **asdict(planted)}


def instructions(talk: Conversation) -> Iterator[Record]:
    """Every place where a sentence is aimed at a language model."""
    for sentence in talk.instructions:
        for record_id, message in said(talk):
            if (start := message.text.find(sentence)) >= 0:
                yield {"ticket_key": talk.key, "message_id": record_id, "text": sentence, "start": start}


def answers(talk: Conversation, problems: Mapping[str, Problem]) -> Iterator[Record]:
    """Every place where an agent states a resolution, right or wrong: which one, offsets in the plain text.

    Agents take a wrong answer from the same problem or from one that looks alike. What they quote is not counted.
    """
    asked = [question.problem for question in talk.head.questions]
    alike = [problems[other] for problem in asked for other in problem.confused_with]
    known = {r.id: r for problem in [*asked, *alike] for r in problem.resolutions}
    for record_id, message in said(talk):
        if message.speaker != "agent":
            continue
        stated = ((message.text.find(f"\n{w}") + 1, w, r.id) for r in known.values() for w in r.wordings)
        for start, wording, resolution_id in sorted(place for place in stated if place[0]):
            resolution = known[resolution_id]
            yield {
                "ticket_key": talk.key,
                "message_id": record_id,
                "resolution_id": resolution_id,
                "tiers": list(resolution.tiers),
                "is_outdated": resolution.until is not None,  # by now: every release of the catalogue is out
                "start": start,
                "end": start + len(wording),
                "text": wording,
            }


def said(talk: Conversation) -> Iterator[tuple[str, Message]]:
    """Everything said, with the id that the help desk gives it; nothing is left of a deleted ticket."""
    if talk.status == "deleted":
        return
    if talk.head.help_desk == "zendesk":
        spoken = (message for message in talk.messages if message.speaker != "state")
        yield from ((str(zendesk.comment_id(talk, n)), message) for n, message in enumerate(spoken))
        return
    for position, message in enumerate(talk.messages):
        if message.speaker != "state":
            yield intercom.part_id(talk, position) if position else intercom.source_id(talk), message


def plan_history(people: People, now: datetime) -> Iterator[Record]:
    """Which plan an account had from when until when; the plan of today has no end."""
    for account in people.accounts:
        plans = [plan for plan in account.plans if plan.since <= now]
        for plan, after in zip(plans, [*plans[1:], None], strict=True):
            tier = account.recorded_tier(plan)
            yield {
                "customer_id": f"acct-{account.number}",
                "customer_tier": tier if tier in TIERS else "unknown",
                "arr": plan.arr,
                "valid_from": plan.since.isoformat(),
                "valid_to": after.since.isoformat() if after else None,
            }


def document_text(talk: Conversation) -> str:
    """The public words of a conversation in speaker turns, pasted logs shortened, for the corpus of the golden set."""
    turns = ((m.speaker, m.text[:5_000]) for m in talk.messages if m.speaker in ("customer", "agent"))
    return "\n\n".join(f"{'Customer' if kind == 'customer' else 'Agent'}: {text}" for kind, text in turns)


def golden_queries(catalogue: Catalogue, company: Company, unanswered: Iterable[str]) -> Iterator[Record]:
    """Held-out queries with the reference answer, the facts it must and must not state, tags and split."""
    releases = tuple(company.releases)
    problems = {problem.id: problem for _, problem in catalogue.problems()}
    sides = splits(catalogue)
    for category, problem in catalogue.problems():
        for position, golden in enumerate(problem.golden):
            asked = [problem, *([problems[golden.also]] if golden.also else [])]
            tiers = [tier for tier in problem.tiers if all(tier in other.tiers for other in asked)]
            tier = tiers[position % len(tiers)]
            right = [other.resolution_for(tier, releases[-1], releases) for other in asked]
            stated = {fact for resolution in right for fact in resolution.facts}
            yield {
                "_id": f"{problem.id}-q{position + 1}",
                "text": golden.text,
                "problem_ids": [other.id for other in asked],
                "resolution_ids": [resolution.id for resolution in right],
                "product_category": category.category,
                "customer_tier": tier,
                "tags": sorted(golden.tags),
                "split": sides[problem.id],
                "reference": " ".join(resolution.wordings[0] for resolution in right),
                "facts": [fact for resolution in right for fact in resolution.facts],
                "forbidden": sorted(
                    {fact for other, r in zip(asked, right, strict=True) for fact in wrong_facts(other, r.id)} - stated
                ),
            }
    for number, text in enumerate(unanswered, start=1):
        yield {
            "_id": f"unanswered-q{number}",
            "text": text,
            "problem_ids": [],
            "resolution_ids": [],
            "product_category": None,
            "customer_tier": "pro",
            "tags": ["unanswered"],
            "split": "test" if number % 2 else "dev",
            "reference": None,
            "facts": [],
            "forbidden": [],
        }


def splits(catalogue: Catalogue) -> dict[str, str]:
    """`dev` or `test` for each problem; problems that one query asks about together are on the same side.

    Each group goes to the smaller side, so that both have about half of the queries.
    """
    leader = {problem.id: problem.id for _, problem in catalogue.problems()}
    for _, problem in catalogue.problems():
        for golden in problem.golden:
            if golden.also:
                kept, joined = leader[problem.id], leader[golden.also]
                leader = {one: kept if its == joined else its for one, its in leader.items()}
    queries: Counter[str] = Counter()
    for _, problem in catalogue.problems():
        queries[leader[problem.id]] += len(problem.golden)
    sizes = {"dev": 0, "test": 0}
    side: dict[str, str] = {}
    for group, size in queries.items():
        side[group] = min(sizes, key=lambda name: sizes[name])
        sizes[side[group]] += size
    return {problem: side[group] for problem, group in leader.items()}


def wrong_facts(problem: Problem, right: str) -> set[str]:
    """Facts of the problem's other resolutions that the right one never states."""
    stated = [w.lower() for r in problem.resolutions if r.id == right for w in r.wordings]
    others = {fact for r in problem.resolutions if r.id != right for fact in r.facts}
    return {fact for fact in others if not any(fact.lower() in wording for wording in stated)}


def qrels(queries: Iterable[Record], answered: Iterable[Answered]) -> Iterator[tuple[str, str, int]]:
    """(query, ticket, grade): 2 a resolution valid now for the query's tier, 1 the right problem only.

    `answered` has the key, the problems and the resolutions of each answered ticket.
    """
    by_problem: dict[str, list[Answered]] = {}
    for ticket in answered:
        for problem_id in ticket.problem_ids:
            by_problem.setdefault(problem_id, []).append(ticket)
    for query in queries:
        right = set(query["resolution_ids"])
        related = {t.ticket_key: t for problem_id in query["problem_ids"] for t in by_problem.get(problem_id, [])}
        for key, ticket in related.items():
            yield query["_id"], key, 2 if right & set(ticket.resolution_ids) else 1
