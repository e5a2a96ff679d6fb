"""Plan: the tasks of a question, one for each clause. What cannot be mapped is asked back or declined, never guessed."""

import re
from dataclasses import dataclass, replace
from datetime import timedelta

from bridge.agent.router.clauses import Clause, understood
from bridge.agent.router.measure import How, Measure, Request, compared
from bridge.agent.router.others import Describe, RunSql, ShowTicket
from bridge.agent.router.read import Read, plan_in
from bridge.agent.router.route import CHANGE, DEFINES, TICKET, Embeds, is_personal, nearness, sql_in
from bridge.agent.router.steps import Say, Task
from etl_track.ask import no_tickets
from etl_track.cues import Cues
from etl_track.slots import Slots
from etl_track.vocabulary import NamedMetric, Vocabulary
from etl_track.when import Span, said, start_of

SINGLE = (
    "I do not hand out data of people or of single accounts, whoever asks and whatever ticket they work on: names,"
    " addresses, numbers, what one customer wrote or pays. I count groups of tickets and customers, and read how problems"
    " were solved, with personal data removed."
)
READS_ONLY = "I only read: I cannot close, change, send or delete anything. Do that in the help desk itself."
OUTSIDE = "I cannot tell that: neither the metrics nor the resolved tickets are about it."
TO_COME = "I do not forecast: the data end on {last:%-d %B %Y}. I can show how it was until then."
YES_NO = re.compile(r"^\W*(?:is|are|was|were|do|does|did|has|have)\b", re.IGNORECASE)
TIME = re.compile(r"\b(?:how long|how fast|how quick|wait|quick|slow|minutes|hours|time)", re.IGNORECASE)
NO_CUES = Cues("", False, "", 0, False, False, False)
FEW = 3  # metrics that a question back offers


@dataclass(frozen=True)
class Planner:
    """What planning knows: words, meanings, the customer's plan when it is known, and what a past ticket must have."""

    vocabulary: Vocabulary
    embeddings: Embeds
    tier: str
    least: float  # similarity

    def plan(self, message: str, earlier: list[str]) -> list[Task]:
        """The tasks of a message, in its order."""
        if sql := sql_in(message):
            return [RunSql(sql)]
        clauses = understood(message, earlier, self.vocabulary)
        if len(clauses) == 1:  # nothing was cut off: a problem is searched for in its own words
            clauses = [replace(clauses[0], text=message)]
        return [self.task(clause) for clause in clauses]

    def task(self, clause: Clause) -> Task:
        """What one clause needs."""
        slots = clause.slots
        if key := TICKET.search(clause.text):
            return ShowTicket(key[0].lower())
        if is_personal(clause, bool(slots.metrics)):
            return Say(SINGLE, "declined")
        if CHANGE.match(clause.text):
            return Say(READS_ONLY, "declined")
        if DEFINES.search(clause.text) and slots.metrics:
            return Describe(self.vocabulary, slots.metrics)
        if slots.metrics and not slots.left:
            return self.measure(slots, clause.text)
        return self.by_meaning(clause)

    def by_meaning(self, clause: Clause) -> Task:
        """What the words leave open: the nearest route, then what can be asked back about it."""
        slots = clause.slots
        near = nearness(clause.text, self.embeddings, self.vocabulary)
        is_about_numbers = bool(slots.metrics or slots.why_none or slots.cues.way or slots.by)
        route = near.route
        if route == "people":
            return Say(SINGLE, "declined")
        if route == "changing" and not is_about_numbers:
            return Say(READS_ONLY, "declined")
        if slots.cues.is_forecast and is_about_numbers and route in ("outside", "counting"):
            return self.forecast()
        if route == "abilities":
            return Describe(self.vocabulary)
        if slots.metrics and slots.left and route != "reading":
            return self.ask_back(slots)
        if route == "outside":
            return Say(slots.why_none or OUTSIDE, "declined")
        if route == "counting" or slots.why_none:
            return self.which_metric(clause, [metric for metric, _ in near.metrics])
        return Read(clause.text, self.tier or plan_in(clause.text), self.least)

    def forecast(self) -> Task:
        return Say(TO_COME.format(last=self.vocabulary.last_day), "declined")

    def ask_back(self, slots: Slots) -> Task:
        """Some words are not understood: leaving them out would answer another question."""
        names = ", ".join(name.replace("_", " ") for name in slots.metrics[0].dimensions)
        unknown = " ".join(slots.left)
        reads = slots.metrics[0].reads
        return Say(f"I do not know what {unknown!r} means here. I can tell the {reads} by {names}. Which?", "asked_back")

    def which_metric(self, clause: Clause, nearest: list[NamedMetric]) -> Task:
        """The question is about numbers and does not say which."""
        slots = clause.slots
        fitting = [m for m in nearest if not TIME.search(clause.text) or m.unit == "minutes" and not m.is_business]
        offered = list({m.subject: m.reads for m in reversed(fitting)}.values())[::-1][:FEW]
        reason = f"{slots.why_none} " if slots.why_none else ""
        return Say(f"{reason}Which number do you mean: {', '.join(offered[:-1])} or {offered[-1]}?", "asked_back")

    def measure(self, slots: Slots, text: str) -> Task:
        """Requests to the semantic layer, when all that is named goes together."""
        if slots.cues.is_forecast or any(s.since and s.since > self.vocabulary.today for s in slots.spans):
            return self.forecast()
        for value, dimensions in slots.doubtful.items():
            return Say(f"{value!r} may be the {' or '.join(dimensions)}. Which one?", "asked_back")
        if reason := no_tickets(slots.spans, self.vocabulary):
            return Say(reason, "answered")
        if len(slots.metrics) > 1:
            requests = tuple(request(self.vocabulary, slots, metric) for metric in slots.metrics)
            return Measure(requests, "table" if slots.by else "value", self.vocabulary, slots.cues)
        return self.one_metric(slots, text)

    def one_metric(self, slots: Slots, text: str) -> Task:
        """One metric: its value or table, or two values and what is between them."""
        metric, cues = slots.metrics[0], slots.cues
        one = request(self.vocabulary, slots, metric)
        several = next((name for name, values in one.where.items() if len(values) > 1), "")
        if cues.is_share_of_all:
            return self.share(one)
        how: How = "ratio" if cues.is_ratio else "difference"
        if (cues.is_difference or cues.is_ratio) and not one.by:
            if spans := two_spans(slots):
                return self.two(compared(one, spans), how, tuple(span.said for span in spans))
            if several and len(one.where[several]) == 2:
                pair = tuple(replace(one, where=one.where | {several: (value,)}) for value in one.where[several])
                reads = self.vocabulary.dimension(several).reads
                return self.two(pair, how, tuple(reads.format(value) for value in one.where[several]))
            if not several and metric.has_time:
                one = replace(one, by=("month",))
        if len(slots.spans) > 1:
            return Measure(compared(one, slots.spans), "value", self.vocabulary, cues)
        if several and several not in one.by:
            one = replace(one, by=(*one.by, several))
        is_ranked = bool(cues.rank and one.by)
        yes_no = is_ranked and bool(several) and bool(YES_NO.match(text))
        return Measure((one,), "rank" if is_ranked else "table", self.vocabulary, cues, is_yes_no=yes_no)

    def two(self, pair: tuple[Request, ...], how: How, labels: tuple[str, ...]) -> Task:
        return Measure(pair, how, self.vocabulary, NO_CUES, labels)

    def share(self, part: Request) -> Task:
        """A part of all tickets: without what was named last, or of a whole that the metric is a part of."""
        if part.by:
            return Measure((part,), "shares", self.vocabulary, NO_CUES)
        whole = part
        if part.metric.name == "solved_ticket_count":
            whole = replace(part, metric=self.vocabulary.metric("ticket_count"))
        elif part.where:
            last = list(part.where)[-1]
            whole = replace(part, where={name: v for name, v in part.where.items() if name != last})
        else:
            return Say("The share of which tickets? Name a tier, a product, a region, a channel or a team.", "asked_back")
        return Measure((part, whole), "share", self.vocabulary, NO_CUES)


def request(vocabulary: Vocabulary, slots: Slots, metric: NamedMetric) -> Request:
    """The request for a metric. As of today is today: a metric without time needs no "now"."""
    span = slots.spans[0] if slots.spans else None
    is_today = span is not None and span.since == vocabulary.today
    if is_today and (not metric.has_time or metric.name == "backlog"):
        span = None
    return Request(metric, slots.by, slots.where, span)


def two_spans(slots: Slots) -> tuple[Span, ...]:
    """The two periods that a change is told between: those named, later first, or the one named and the one before."""
    spans = slots.spans
    if len(spans) == 2:
        return spans
    if len(spans) == 1 and spans[0].parts:
        return spans[0].parts[::-1]
    if len(spans) == 1 and spans[0].since and spans[0].until and not any(len(v) > 1 for v in slots.where.values()):
        return spans[0], before(spans[0])
    return ()


def before(span: Span) -> Span:
    """The period of the same length that ends where this one begins."""
    assert span.since
    assert span.until
    if span.since.day == span.until.day == 1:
        begin, end = span.since, span.since
        count = 12 * (span.until.year - span.since.year) + span.until.month - span.since.month
        for _ in range(count):
            begin = start_of("month", begin - timedelta(1))
        return Span(begin, end, said(begin, end))
    begin = span.since - (span.until - span.since)
    return Span(begin, span.since, f"in the {(span.until - span.since).days} days before")

