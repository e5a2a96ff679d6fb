"""Read: how something was solved, from the past tickets that the tool finds, with the tickets that say so.

The text is composed as the RAG track's offline model does it. Found is whatever lies near; whether it answers is decided
here: by its similarity, by the codes that the question names, and by whose customers it was.
"""

import re
from dataclasses import dataclass

from bridge.agent.router.steps import Done, Step, Told
from rag_track.offline_model import PAST, Past, compose, past_tickets

# By how much another plan's tickets must be nearer than those of the customer's own plan to be read instead. On the dev
# split of the golden set (160 queries) 0.06 to 0.12 give 74 right answers, always the own plan 66, never 69.
NEARER = 0.1
CODE = re.compile(r"\b[A-Z]{2,}-\d{2,}\b", re.IGNORECASE)
DECLINES = "No past ticket answers this."
PLAN = re.compile(r"\b(free|pro|enterprise)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Read:
    """A search with the customer's plan, when it is known, and one without. `least` is the similarity that it takes."""

    question: str
    tier: str
    least: float

    @property
    def searches(self) -> tuple[Step, ...]:
        whole = Step("search_resolutions", {"question": self.question})
        if not self.tier:
            return (whole,)
        return Step("search_resolutions", {"question": self.question, "customer_tier": self.tier}), whole

    def next(self, done: Done) -> Step | None:
        return next((step for step in self.searches if done.of(step) is None), None)

    def tell(self, done: Done) -> Told:
        if error := done.error(iter(self.searches)):
            return Told(f"The index could not be searched: {error}", "declined")
        texts = [result.text for step in self.searches if (result := done.of(step))]
        text = self.chosen(texts)
        if nearest(text) < self.least or (self.codes and not self.has_code(text)):
            return Told(DECLINES, "declined")
        reply = compose([ticket for ticket in past_tickets(text) if self.knows_code(ticket, text)])
        if not reply.sentences:
            return Told(DECLINES, "declined")
        said = " ".join(f"{one.text} {''.join(f'[{key}]' for key in one.tickets)}" for one in reply.sentences)
        outdated = [key for key in outdated_in(text) if f"[{key}]" in said]
        warning = f"\nA release has changed this since: {', '.join(outdated)}." if outdated else ""
        return Told(said + warning)

    def chosen(self, texts: list[str]) -> str:
        """The customer's own plan's tickets, unless others are much nearer or only they know the code."""
        own, others = texts[0], texts[-1]
        if self.codes and self.has_code(own) != self.has_code(others):
            return own if self.has_code(own) else others
        return others if nearest(others) - nearest(own) > NEARER else own

    @property
    def codes(self) -> list[str]:
        """Error codes in the question: a ticket without them is about something else."""
        return [code.lower() for code in CODE.findall(self.question)]

    def knows_code(self, ticket: Past, text: str) -> bool:
        """Whether a ticket has a code that the question names; any ticket will do when it names none."""
        whole = next(match[3] for match in PAST.findall(text) if match[0] == ticket.ticket_key)
        return not self.codes or any(code in whole.lower() for code in self.codes)

    def has_code(self, text: str) -> bool:
        return any(code in text.lower() for code in self.codes)


def nearest(text: str) -> float:
    """The highest similarity among the tickets of a result, 0 without any."""
    return max((float(match[1]) for match in PAST.findall(text)), default=0.0)


def outdated_in(text: str) -> list[str]:
    return [match[0] for match in PAST.findall(text) if match[2]]


def plan_in(question: str) -> str:
    """The plan that a question names, when it names just one."""
    found = {plan.lower() for plan in PLAN.findall(question)}
    return found.pop() if len(found) == 1 else ""
