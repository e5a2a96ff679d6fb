"""Plan: the tasks of a question, one for each clause. What cannot be mapped is asked back or declined, not guessed."""

import re
from dataclasses import dataclass, replace

from bridge.agent.router.asking import (
    CHANGE,
    CHANGE_AT_END,
    DEFINES,
    GREETING,
    NUMBERS,
    OF_ONE,
    ONES,
    TICKET,
    TIME,
    is_personal,
    sql_in,
)
from bridge.agent.router.clauses import SHORT, Clause, understood
from bridge.agent.router.measuring import forecast, measuring
from bridge.agent.router.others import Describe, RunSql, ShowTicket
from bridge.agent.router.read import Read, plan_in
from bridge.agent.router.route import Embeds, Nearness, nearness
from bridge.agent.router.steps import Say, Task
from bridge.agent.router.wording import bare
from etl_track.slots import Slots
from etl_track.vocabulary import NamedMetric, Vocabulary
from rag_track.injection import LEFT_OUT, without_orders

WILL_BE = re.compile(r"\b(?:what|how|which)\b[^,.?!]{0,40}\b(?:will|would|going to)\b", re.IGNORECASE)
SINGLE = (
    "I do not hand out data of people or of single accounts, whoever asks and whatever ticket they work on: names,"
    " addresses, numbers, what one customer wrote or pays. I count groups of tickets and customers, and read how"
    " problems were solved, with personal data removed."
)
READS_ONLY = "I only read: I cannot close, change, send or delete anything. Do that in the help desk itself."
NO_ORDERS = "I take questions about the support desk. That one is addressed to a machine, and I do not follow it."
NO_METRIC = "No metric measures that, and the resolved tickets say how problems were solved, not how many there were."
OUTSIDE = "I cannot tell that: neither the metrics nor the resolved tickets are about it."
SURE = 0.5  # cosine of a metric that no words name, and by how much it must be nearer than metrics of other subjects
CLEAR = 0.07
VAGUE = 0.35  # cosine of the nearest metric below which a question is about no metric in particular
COMMON = ("ticket_count", "average_first_reply_minutes", "csat")
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
        if len(clauses) == 1:
            clauses = [replace(clauses[0], text=bare(message))]
        product = next((v[0] for c in clauses for v in [c.slots.where.get("product_category")] if v), "")
        tasks = [self.task(clause, product) for clause in clauses]
        read = [task for task in tasks if isinstance(task, Read)]
        if len(read) < 2:
            return tasks
        text = message if len(read) == len(tasks) else " ".join(task.question for task in read)
        whole = Read(text, self.tier or plan_in(message), self.least)  # one problem, told in several sentences
        return [whole if task is read[0] else task for task in tasks if task is read[0] or task not in read]

    def task(self, clause: Clause, product: str = "") -> Task:
        """What one clause needs. `product` is what the message is about, where the clause itself does not say it."""
        slots = clause.slots
        if is_personal(clause.text, bool(slots.metrics), not slots.left):
            return Say(SINGLE, "declined")
        is_single = not [v for v in slots.where.values() if len(v) > 1] and ONES.search(clause.text)
        if slots.metrics and (is_single or OF_ONE.search(clause.text)):
            return Say(SINGLE, "declined")
        if GREETING.match(clause.text):
            return Describe(self.vocabulary)
        if CHANGE.match(clause.text) or CHANGE_AT_END.search(clause.text):
            return Say(READS_ONLY, "declined")
        if key := TICKET.search(clause.text):
            return ShowTicket(key[0].lower())
        if DEFINES.search(clause.text) and slots.metrics:
            return Describe(self.vocabulary, slots.metrics)
        if slots.metrics and slots.cues.is_forecast and WILL_BE.search(clause.text):
            return forecast(self.vocabulary)
        if slots.metrics and not slots.left:
            return measuring(slots, clause.text, self.vocabulary)
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
            return forecast(self.vocabulary)
        if route == "abilities":
            return Describe(self.vocabulary)
        if slots.metrics and slots.left and (route != "reading" or asks_number or len(slots.unknown) == 1):
            return self.ask_back(slots)
        if not slots.metrics and asks_number and (meant := self.meant(slots, near.metrics)):
            return measuring(meant, clause.text, self.vocabulary)
        if route == "outside":
            return Say(slots.why_none or OUTSIDE, "declined")
        if asks_number and slots.cues.way and (slots.spans or slots.by) and route == "reading":
            return Say(NO_METRIC, "declined")
        says_no_more = not slots.left and bool(slots.by or NUMBERS.search(clause.text))
        if route == "counting" or slots.why_none or says_no_more:
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
        ways = [
            m for m in self.vocabulary.metrics if m.subject == first.subject and m.is_business == slots.cues.is_business
        ]
        wanted = next((m for m in ways if m.way == slots.cues.way), None) if slots.cues.way else first
        return replace(slots, metrics=(wanted,), left=()) if wanted else None

    def ask_back(self, slots: Slots) -> Task:
        """Some words are not understood: leaving them out would answer another question."""
        names = ", ".join(self.vocabulary.dimension(name).asks[0] for name in slots.metrics[0].dimensions)
        unknown = " ".join(slots.left)
        reads = slots.metrics[0].reads
        return Say(
            f"I do not know what {unknown!r} means here. I can tell the {reads} by {names}. Which?", "asked_back"
        )

    def which_metric(self, clause: Clause, near: Nearness) -> Task:
        """The question is about numbers and does not say which: the nearest are offered, or those asked most."""
        slots = clause.slots
        is_time = bool(TIME.search(clause.text))
        fitting = [m for m, _ in near.metrics if not m.pattern and (not is_time or (m.unit == "minutes" and m.asks))]
        offered = [metric.reads for metric in {m.subject: m for m in reversed(fitting)}.values()][::-1][:FEW]
        if near.metrics[0][1] < VAGUE and not is_time:
            offered = [self.vocabulary.metric(name).reads for name in COMMON]
        reason = f"{slots.why_none} " if slots.why_none else ""
        return Say(f"{reason}Which number do you mean: {', '.join(offered[:-1])} or {offered[-1]}?", "asked_back")
