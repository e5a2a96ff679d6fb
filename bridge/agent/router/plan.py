"""Plan: the tasks of a question, one for each clause. What cannot be mapped is asked back or declined, never guessed."""

import re
from dataclasses import dataclass, replace
from datetime import timedelta

from bridge.agent.router.clauses import SHORT, Clause, understood
from bridge.agent.router.measure import How, Measure, Request, compared
from bridge.agent.router.others import Describe, RunSql, ShowTicket
from bridge.agent.router.read import Read, plan_in
from bridge.agent.router.route import CHANGE, DEFINES, TICKET, Embeds, Nearness, is_personal, nearness, sql_in
from bridge.agent.router.steps import Before, Say, Task
from etl_track.ask import no_tickets
from etl_track.cues import Cues
from etl_track.slots import Slots
from etl_track.vocabulary import NamedMetric, Vocabulary
from rag_track.injection import LEFT_OUT, without_orders
from etl_track.periods import Span, said, start_of

SINGLE = (
    "I do not hand out data of people or of single accounts, whoever asks and whatever ticket they work on: names,"
    " addresses, numbers, what one customer wrote or pays. I count groups of tickets and customers, and read how problems"
    " were solved, with personal data removed."
)
READS_ONLY = "I only read: I cannot close, change, send or delete anything. Do that in the help desk itself."
NO_ORDERS = "I take questions about the support desk. That one is addressed to a machine, and I do not follow it."
NO_METRIC = "No metric measures that, and the resolved tickets say how problems were solved, not how many there were."
WHY_NOT = "The data do not say why. They say how it was:"
OUTSIDE = "I cannot tell that: neither the metrics nor the resolved tickets are about it."
TO_COME = "I do not forecast: the data end on {last:%-d %B %Y}. I can show how it was until then."
YES_NO = re.compile(r"^\W*(?:is|are|was|were|do|does|did|has|have)\b", re.IGNORECASE)
WHY = re.compile(r"^\W*(?:and\s+)?(?:why|what (?:caused|explains|is the reason)|how come)\b", re.IGNORECASE)
NUMBERS = re.compile(r"\b(?:how (?:many|much|long|often|fast|quickly|soon)|average|median|number of|percentage|share)\b", re.IGNORECASE)
GREETING = re.compile(r"^\W*(?:hi|hello|hey|good (?:morning|day)|thanks?|thank you)\b[^?]{0,20}$", re.IGNORECASE)
ONES = re.compile(
    r"\b(?:which|what|who|top \d+|by|per|each|every|list|name)\s+(?:of our\s+|of the\s+|all\s+|the\s+|our\s+|single\s+)*"
    r"(?:customers?|accounts?|agents?|colleagues?|employees?|compan(?:y|ies)|clients?|persons?|people|users?|organi[sz]ations?)\b"
    r"(?!\s+(?:tiers?|groups?|segments?|plans?|teams?))",
    re.IGNORECASE,
)
SUPERLATIVES = re.compile(r"\b(?:high|low|long|short|busi|slow|fast|quick|happi|unhappi|bigg|larg|small)est\b|\bbest\b|\bworst\b", re.I)
SURE = 0.5  # cosine of a metric that no words name, and by how much it must be nearer than metrics of other subjects
CLEAR = 0.07
VAGUE = 0.35  # cosine of the nearest metric below which a question is about no metric in particular
COMMON = ("ticket_count", "average_first_reply_minutes", "csat")
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
        message = without_orders(message)
        if not message.replace(LEFT_OUT, "").strip():
            return [Say(NO_ORDERS, "declined")]
        clauses = understood(message, earlier, self.vocabulary)
        if len(clauses) == 1:  # nothing was cut off: a problem is searched for in its own words
            clauses = [replace(clauses[0], text=message)]
        product = next((v[0] for c in clauses for v in [c.slots.where.get("product_category")] if v), "")
        return [self.task(clause, product) for clause in clauses]

    def task(self, clause: Clause, product: str = "") -> Task:
        """What one clause needs. `product` is what the message is about, where the clause itself does not say it."""
        slots = clause.slots
        if is_personal(clause, bool(slots.metrics)):
            return Say(SINGLE, "declined")
        if slots.metrics and not [v for v in slots.where.values() if len(v) > 1] and ONES.search(clause.text):
            return Say(SINGLE, "declined")
        if GREETING.match(clause.text):
            return Describe(self.vocabulary)
        if CHANGE.match(clause.text):
            return Say(READS_ONLY, "declined")
        if key := TICKET.search(clause.text):
            return ShowTicket(key[0].lower())
        if DEFINES.search(clause.text) and slots.metrics:
            return Describe(self.vocabulary, slots.metrics)
        if slots.metrics and not slots.left:
            return self.measure(slots, clause.text)
        return self.by_meaning(clause, product)

    def by_meaning(self, clause: Clause, product: str) -> Task:
        """What the words leave open: the nearest route, then what can be asked back about it."""
        slots = clause.slots
        near = nearness(clause.text, self.embeddings, self.vocabulary)
        is_about_numbers = bool(slots.metrics or slots.why_none or slots.cues.way or slots.by)
        asks_number = bool(NUMBERS.search(clause.text)) and max(near.routes, key=lambda r: near.routes[r]) != "reading"
        route = near.route
        if route == "people":
            return Say(SINGLE, "declined")
        if route == "changing" and not is_about_numbers:
            return Say(READS_ONLY, "declined")
        if slots.cues.is_forecast and is_about_numbers and route in ("outside", "counting"):
            return self.forecast()
        if route == "abilities":
            return Describe(self.vocabulary)
        if slots.metrics and slots.left and (route != "reading" or asks_number):
            return self.ask_back(slots)
        if not slots.metrics and asks_number and (meant := self.meant(slots, near.metrics)):
            return self.measure(meant, clause.text)
        if route == "outside":
            return Say(slots.why_none or OUTSIDE, "declined")
        if asks_number and slots.cues.way and (slots.spans or slots.by) and route == "reading":
            return Say(NO_METRIC, "declined")
        if route == "counting" or slots.why_none or (slots.by and not slots.left):
            return self.which_metric(clause, near)
        says_little = len(clause.text.split()) <= SHORT and "product_category" not in slots.where
        question = f"{product}: {clause.text}" if product and says_little else clause.text
        return Read(question, self.tier or plan_in(clause.text), self.least)

    def meant(self, slots: Slots, nearest: tuple[tuple[NamedMetric, float], ...]) -> Slots | None:
        """The metric that is meant though no words name it, when one subject is near and clearly nearer than others."""
        first, cosine = nearest[0]
        other = next((near for metric, near in nearest if metric.subject != first.subject), 0.0)
        if slots.why_none or cosine < SURE or cosine - other < CLEAR or any(w[0].isdigit() for w in slots.left):
            return None
        ways = [m for m in self.vocabulary.metrics if m.subject == first.subject and m.is_business == slots.cues.is_business]
        wanted = next((m for m in ways if m.way == slots.cues.way), None) if slots.cues.way else first
        return replace(slots, metrics=(wanted,), left=()) if wanted else None

    def forecast(self) -> Task:
        return Say(TO_COME.format(last=self.vocabulary.last_day), "declined")

    def ask_back(self, slots: Slots) -> Task:
        """Some words are not understood: leaving them out would answer another question."""
        names = ", ".join(self.vocabulary.dimension(name).asks[0] for name in slots.metrics[0].dimensions)
        unknown = " ".join(slots.left)
        reads = slots.metrics[0].reads
        return Say(f"I do not know what {unknown!r} means here. I can tell the {reads} by {names}. Which?", "asked_back")

    def which_metric(self, clause: Clause, near: Nearness) -> Task:
        """The question is about numbers and does not say which: the nearest are offered, or those asked most."""
        slots = clause.slots
        nearest = list({metric.subject: metric for metric, _ in reversed(near.metrics)}.values())[::-1]
        is_vague = near.metrics[0][1] < VAGUE and not TIME.search(clause.text)
        fitting = [m for m in nearest if not TIME.search(clause.text) or (m.unit == "minutes" and not m.is_business)]
        offered = list(dict.fromkeys(m.reads for m in fitting if not m.pattern))[:FEW]
        if is_vague:
            offered = [self.vocabulary.metric(name).reads for name in COMMON]
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
        task = self.one_metric(slots, text)
        return Before(WHY_NOT, task) if WHY.match(text) else task

    def one_metric(self, slots: Slots, text: str) -> Task:
        """One metric: its value or table, or two values and what is between them."""
        metric, cues = slots.metrics[0], slots.cues
        one = request(self.vocabulary, slots, metric)
        if slots.cues.way == "average" and metric.way == "count":
            return self.per(one)
        several = next((name for name, values in one.where.items() if len(values) > 1), "")
        if cues.is_share_of_all:
            return self.share(one)
        how: How = "ratio" if cues.is_ratio else "difference"
        is_two_spans = len(slots.spans) == 2 and bool(cues.rank)  # "more in May or in April?"
        if (cues.is_difference or cues.is_ratio or is_two_spans) and not one.by:
            if spans := two_spans(slots):
                return self.two(compared(one, spans), how, tuple(span.said for span in spans))
            if several and len(one.where[several]) == 2:
                pair = tuple(replace(one, where=one.where | {several: (value,)}) for value in one.where[several])
                return self.two(pair, how, tuple(f"for {value}" for value in one.where[several]))
            if not several and metric.has_time:
                one = replace(one, by=("month",))
        if len(slots.spans) > 1:
            return Measure(compared(one, slots.spans), "value", self.vocabulary, cues)
        if several and several not in one.by:
            one = replace(one, by=(*one.by, several))
        if cues.rank and not one.by and SUPERLATIVES.search(text):
            return Say(f"The {cues.rank} {metric.reads} by what: tier, product, team, month?", "asked_back")
        is_ranked = bool(cues.rank and one.by)
        yes_no = is_ranked and bool(several) and bool(YES_NO.match(text))
        adds_up = bool(several) and metric.way == "count"
        return Measure((one,), "rank" if is_ranked else "total" if adds_up else "table", self.vocabulary, cues, is_yes_no=yes_no)

    def per(self, one: Request) -> Task:
        """So many per day, week or month on average, over the days of the period."""
        grain = one.by[0].removeprefix("metric_time__")
        span = one.span or Span(None, None, "")
        since = max(span.since or self.vocabulary.first_day, self.vocabulary.first_day)
        until = min(span.until or self.vocabulary.today, self.vocabulary.today)
        days = max((until - since).days, 1)
        periods = {"day": days, "week": days / 7}.get(grain) or (12 * (until.year - since.year) + until.month - since.month or 1)
        return Measure((replace(one, by=()),), "per", self.vocabulary, NO_CUES, (grain,), periods=periods)

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

