"""The other tasks: one ticket by its key, SQL that somebody gives, and what can be asked at all."""

import json
from dataclasses import dataclass

from bridge.agent.router.steps import Done, Step, Told
from etl_track.told import shown
from etl_track.vocabulary import NamedMetric, Vocabulary
from rag_track.offline_model import past_tickets

LINES = 20  # rows of a result that an answer shows


@dataclass(frozen=True)
class ShowTicket:
    """The facts of one ticket, and what its agents answered."""

    ticket_key: str

    @property
    def step(self) -> Step:
        return Step("get_ticket", {"ticket_key": self.ticket_key})

    def next(self, done: Done) -> Step | None:
        return None if done.of(self.step) else self.step

    def tell(self, done: Done) -> Told:
        result = done.of(self.step)
        if result is None or result.is_error:
            return Told(result.text if result else "", "declined")
        first, _, rest = result.text.partition("\n")
        facts = json.loads(first)
        told = f"{facts['ticket_key']} is {facts['status']}: {facts['product_category']}, {facts['customer_tier']}, "
        told += f"priority {facts['priority']}, by {facts['channel']}, created {facts['created_at'][:10]}"
        if facts["first_reply_minutes"] is not None:
            told += f", first reply after {shown(facts['first_reply_minutes'], 'minutes')}"
        found = past_tickets(rest)
        if not found or not found[0].answers:
            return Told(f"{told}. {'No solution is written in it.' if found else rest}")
        return Told(f"{told}.\nWhat solved it: {' '.join(found[0].answers)} [{facts['ticket_key']}]")


@dataclass(frozen=True)
class RunSql:
    """SQL that stands in the question. Whether it may be run is decided by the tool, which says why not."""

    sql: str

    @property
    def step(self) -> Step:
        return Step("run_sql", {"sql": self.sql})

    def next(self, done: Done) -> Step | None:
        return None if done.of(self.step) else self.step

    def tell(self, done: Done) -> Told:
        result = done.of(self.step)
        if result is None or result.is_error:
            return Told(result.text if result else "", "declined")
        content = json.loads(result.text)
        rows = [" | ".join(map(str, row)) for row in [content["columns"], *content["rows"][:LINES]]]
        return Told("\n".join([*rows, *([content["note"]] if "note" in content else [])]))


@dataclass(frozen=True)
class Describe:
    """What a metric means, or what can be asked."""

    vocabulary: Vocabulary
    metrics: tuple[NamedMetric, ...] = ()

    def next(self, done: Done) -> Step | None:
        return None

    def tell(self, done: Done) -> Told:
        if self.metrics:
            return Told("\n".join(f"{one.reads}: {one.description}" for one in self.metrics))
        names = ", ".join({metric.subject: metric.reads for metric in reversed(self.vocabulary.metrics)}.values())
        groups = ", ".join(dimension.asks[0] for dimension in self.vocabulary.dimensions)
        days = f"{self.vocabulary.first_day} to {self.vocabulary.last_day}"
        return Told(
            f"I count: {names}.\nBy {groups}, day, week, month, quarter or year, from {days}."
            "\nI read how problems were solved in resolved tickets, and show one by its key."
        )
