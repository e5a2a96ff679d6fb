"""A week at the support desk: tickets come in, drafts are made, agents judge them."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from bridge.loop.agents import Agent, Incoming, read_week
from bridge.loop.known import read_known
from lab.console import track
from lab.settings import Settings
from rag_track.draft import Draft, Drafter
from rag_track.feedback import keep_draft, take
from rag_track.filters import Filters
from rag_track.learn.verified import edits_of
from rag_track.service.store import Store

AGENTS = 5
JUDGED_AFTER = timedelta(minutes=20)


def agents(careless: float, poison: bool = False) -> tuple[Agent, ...]:
    """Five agents, each careless with that share of drafts, from 0 to 1; with `poison` the last one is malicious."""
    honest = tuple(Agent(f"agent-{number}", careless) for number in range(1, AGENTS + 1))
    return (*honest[:-1], Agent(honest[-1].agent_id, errs=1.0, accepts=0.0)) if poison else honest


def work(settings: Settings, folder: Path, staff: Sequence[Agent]) -> Counter[str]:
    """Draft for every ticket of a week and store what an agent makes of it; count the verdicts.

    A week that was worked already is drafted by what serves now; where that says the same, nothing is stored twice.
    """
    company, store = read_known(settings), Store(settings.feedback)
    drafter = Drafter(settings, log_calls=False)
    drafter.warm_up()
    stated = company.stated_with(edits_of(store.given(), drafter.retriever.version))
    verdicts: Counter[str] = Counter()
    week = read_week(folder)
    for number, (ticket, known) in enumerate(track(week, "tickets", len(week))):
        draft = keep_draft(settings, *drafted(drafter, ticket), ticket.ticket_key, ticket.created_at)
        feedback = staff[number % len(staff)].judge(draft, known, stated)
        take(store, drafter.redactor, draft, feedback, ticket.created_at + JUDGED_AFTER)
        verdicts[feedback.verdict] += 1
    return verdicts


def drafted(drafter: Drafter, ticket: Incoming) -> tuple[Draft, Filters]:
    """The draft for a ticket, from past tickets of the same plan and product, as the help desk has them on file.

    A filter that is not given narrows nothing: a form that nobody filled in has no product.
    """
    filters = Filters(customer_tier=ticket.customer_tier, product_category=ticket.product_category)
    return drafter.draft(ticket.text, filters), filters
