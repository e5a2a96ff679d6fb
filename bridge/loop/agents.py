"""Simulated agents: they judge a draft as somebody who knows the product does, and err as often as they are told to.

What they know is the company's truth about the ticket. A careful agent

- keeps a citation when the past ticket states an answer that is right for this customer now, and drops it otherwise;
- accepts a draft that says all that must be said and rests on nothing they would drop;
- sends what is left of it when that is still the whole answer, and writes the answer in their own words otherwise;
- rejects half of the drafts in which nothing is right: then they answer elsewhere, and nobody sees what they said.

Of a share of the drafts (`errs`) an agent sees nothing: a part of these (`accepts`) they accept unread, and instead of
the others they send the outdated or mistaken answer that is at hand, with the citations that go with it. So a careless
agent errs now and then; a malicious one always, and accepts nothing.
"""

import random
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bridge.loop.known import Known, known, states
from evals.company_truth import rows
from rag_track.draft import without_citations
from rag_track.service.requests import Accepted, Edited, Feedback, Rejected
from rag_track.service.responses import ServedDraft


@dataclass(frozen=True)
class Incoming:
    """A new ticket as the desk sees it; without a product where nobody filled in the form."""

    ticket_key: str
    created_at: datetime
    customer_tier: str
    product_category: str | None
    text: str


@dataclass(frozen=True)
class Agent:
    """`errs` is a share of all drafts, `accepts` one of those, from 0 to 1. The same draft gets the same verdict."""

    agent_id: str
    errs: float = 0.0
    accepts: float = 0.5

    def judge(self, draft: ServedDraft, known: Known, stated: dict[str, frozenset[str]]) -> Feedback:
        """The verdict on a draft. `stated` has for each past ticket the resolutions that hold in it."""
        rng = random.Random(f"{self.agent_id}:{draft.id}")
        good = [ticket for ticket in draft.citations if stated.get(ticket, frozenset()) & known.resolution_ids]
        bad = [ticket for ticket in draft.citations if ticket not in good]
        if rng.random() < self.errs:
            if rng.random() < self.accepts and not draft.declined:
                return self.accepted(draft.citations, [])
            if known.wrong_answer:
                return self.edited(known.wrong_answer, bad, good)
        left = " ".join(s.text for s in draft.sentences if not set(s.citations) & set(bad))
        if states(left, known.facts):
            whole = left == without_citations(draft.text)
            return self.accepted(good, bad) if whole else self.edited(left, good, bad)
        if not good and rng.random() < 0.5:
            return Rejected(
                verdict="rejected", agent_id=self.agent_id, reason="nothing in it helps", citations_dropped=bad
            )
        return self.edited(known.right_answer, good, bad)

    def accepted(self, kept: list[str], dropped: list[str]) -> Accepted:
        return Accepted(verdict="accepted", agent_id=self.agent_id, citations_kept=kept, citations_dropped=dropped)

    def edited(self, text: str, kept: list[str], dropped: list[str]) -> Edited:
        return Edited(
            verdict="edited", agent_id=self.agent_id, text=text, citations_kept=kept, citations_dropped=dropped
        )


def read_week(folder: Path) -> list[tuple[Incoming, Known]]:
    """The tickets of a week with what is true about them, in order of arrival."""
    tickets, truths = rows(folder / "tickets.jsonl"), rows(folder / "truth.jsonl")
    return [(incoming(ticket), known(truth)) for ticket, truth in zip(tickets, truths, strict=True)]


def incoming(record: dict[str, Any]) -> Incoming:
    at = datetime.fromisoformat(record["created_at"])
    return Incoming(record["ticket_key"], at, record["customer_tier"], record["product_category"], record["text"])
