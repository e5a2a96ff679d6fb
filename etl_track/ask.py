"""Ask the warehouse in words: find the metric, the filters and the grouping that a question names, or say that none is.

Twin: rag_track/draft.py. Nothing is guessed: a question in which no metric's words stand is not answered.
"""

from dataclasses import dataclass

from duckdb import DuckDBPyConnection

from etl_track.metrics import Table, query_metric
from etl_track.periods import Span
from etl_track.slots import Slots, fill
from etl_track.told import lines, measured, names, sentence
from etl_track.vocabulary import Vocabulary, read_vocabulary
from lab.errors import ConfigError


@dataclass(frozen=True)
class Answer:
    """What the warehouse says. `table` is None when no metric answers the question."""

    text: str
    table: Table | None
    unit: str = ""

    @property
    def value(self) -> float | None:
        """The number, when the answer is a single one."""
        if self.table is None or len(self.table.rows) != 1:
            return None
        number = self.table.rows[0][-1]
        return float(number) if isinstance(number, int | float) else None


def ask(warehouse: DuckDBPyConnection, question: str) -> Answer:
    """The warehouse's answer to `question`, or the reason why it has none."""
    vocabulary = read_vocabulary(warehouse)
    slots = fill(question, vocabulary)
    if reason := why_not(slots, vocabulary):
        return Answer(reason, None)
    [metric] = slots.metrics
    span = slots.spans[0] if slots.spans else None
    since, until = (span.since, span.until) if span else (None, None)
    try:
        table = query_metric(warehouse, metric.name, slots.by, slots.where, since, until)
    except ConfigError as error:  # what was named does not go together
        return Answer(str(error), None)
    what = measured(metric, slots.where, span, vocabulary)
    if not slots.by:
        return Answer(sentence(what, metric, table.rows[0][-1] if table.rows else None), table, metric.unit)
    told = lines(table.columns, table.rows, metric.unit) or "nothing matches"
    return Answer(f"The {what} by {names(slots.by)}:\n{told}", table, metric.unit)


def why_not(slots: Slots, vocabulary: Vocabulary) -> str:
    """Why a question is not answered by one request to one metric; empty when it is."""
    if slots.why_none:
        return slots.why_none
    if not slots.metrics:
        return "No metric measures this: the warehouse counts, it does not read."
    if len(slots.metrics) > 1:
        return f"This names several metrics: {', '.join(m.name for m in slots.metrics)}. Ask for one."
    if reason := unclear(slots):
        return reason
    for name, values in slots.where.items():
        if len(values) > 1:
            return f"This names {len(values)} values of {name}: {', '.join(values)}. Ask for one."
    if len(slots.spans) > 1:
        return f"This names {len(slots.spans)} periods: {' and '.join(s.said for s in slots.spans)}. Ask for one."
    if slots.cues.is_share_of_all:
        return "A share of all tickets takes two numbers. Ask for one of them."
    return no_tickets(slots.spans, vocabulary)


def unclear(slots: Slots) -> str:
    """The words that nothing explains, or that may mean two things; empty when all is clear."""
    for value, dimensions in slots.doubtful.items():
        return f"{value!r} may be the {' or '.join(dimensions)}. Say which one."
    if slots.left:
        return f"The warehouse does not know what {' '.join(slots.left)!r} means. Leave it out, or use a value it has."
    return ""


def no_tickets(spans: tuple[Span, ...], vocabulary: Vocabulary) -> str:
    """Why no ticket can be in a period: it ended before the first or begins after the newest; else empty."""
    for span in spans:
        if span.until and span.until <= vocabulary.first_day:
            return f"No tickets match: there are none {span.said}, the first came on {vocabulary.first_day}."
        if span.since and span.since > vocabulary.today:
            return f"No tickets match: {span.said} is still to come, today is {vocabulary.today}."
    return ""
