"""Ask the warehouse in words: find the metric, the filters and the grouping that a question names, or say that none is.

Twin: rag_track/draft.py. Nothing is guessed: a question in which no metric's words stand is not answered.
"""

import re
from dataclasses import dataclass, replace

from duckdb import DuckDBPyConnection

from etl_track.metrics import Metric, Table, definitions, dimension_values, query_metric

MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]  # written out, as people ask


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
    words = normal(question)
    metrics = named_metrics(words)
    if not metrics:
        return Answer("No metric measures this: the warehouse counts, it does not read.", None)
    if len(metrics) > 1:
        return Answer(f"This names several metrics: {', '.join(m.name for m in metrics)}. Ask for one.", None)
    where: dict[str, str] = {}
    for dimension in definitions().dimensions:
        known = dimension_values(warehouse, dimension)
        values = named_months(words, known) if dimension.name == "month" else named_values(words, known)
        if len(values) > 1:
            return Answer(
                f"This names {len(values)} values of {dimension.name}: {', '.join(values)}. Ask for one.", None
            )
        if values and values[0] not in known:
            return Answer(f"No tickets match: there are none in {dimension.name} {values[0]}.", None)
        if values:
            where[dimension.name] = values[0]
    if odd := not_understood(words, where):
        return Answer(f"The warehouse does not know what {odd!r} means. Leave it out, or use a value it has.", None)
    by = tuple(d.name for d in definitions().dimensions if any(groups_by(words, phrase) for phrase in d.asks))
    [metric] = metrics
    table = query_metric(warehouse, metric.name, tuple(name for name in by if name not in where), where)
    filters = ", ".join(f"{name} = {value}" for name, value in where.items())
    label = metric.name.replace("_", " ") + (f" where {filters}" if filters else "")
    answer = Answer("", table, metric.unit)
    if answer.value is not None:
        said = shown(answer.value, metric.unit)
    else:
        said = f"{len(table.rows)} rows" if len(table.rows) > 1 else "no tickets match"
    return replace(answer, text=f"{label}: {said}")


def normal(text: str) -> str:
    """Lower case, words only, a space on both ends, so that ` word ` finds whole words."""
    return f" {' '.join(re.findall(r'[a-z0-9-]+', text.lower()))} "


def named_metrics(words: str) -> list[Metric]:
    """The metrics whose phrases stand in the question; a phrase inside or across a longer one does not count."""
    phrases = [(phrase, metric) for metric in definitions().metrics for phrase in metric.asks]
    taken: set[int] = set()  # positions of letters that a longer phrase holds
    found: dict[str, Metric] = {}
    for phrase, metric in sorted(phrases, key=lambda pair: -len(pair[0])):
        start = words.find(f" {phrase} ") + 1
        letters = set(range(start, start + len(phrase)))
        if start and not letters & taken:
            taken |= letters
            found[metric.name] = metric
    return list(found.values())


def named_values(words: str, known: list[str]) -> list[str]:
    """The values of a dimension that the question names."""
    return [value for value in known if f" {value.replace('_', ' ')} " in words]


def named_months(words: str, known: list[str]) -> list[str]:
    """The months that the question names, as 2026-03; without a year, the latest of that name that has tickets.

    "May" and "march" are months only after a preposition: they are verbs as well.
    """
    years = re.findall(r" ((?:19|20)\d\d) ", words)
    found = []
    for number, month in enumerate(MONTHS, start=1):
        verb = month in ("march", "may")
        if re.search(rf" (?:in|during|of|for|since) {month} " if verb else rf" {month} ", words):
            with_tickets = [value for value in known if value.endswith(f"-{number:02}")]
            latest = with_tickets[-1] if with_tickets else f"????-{number:02}"
            found.append(f"{years[0]}-{number:02}" if years else latest)
    return found


def not_understood(words: str, where: dict[str, str]) -> str | None:
    """A filter that the question seems to name and that no dimension has: a year alone, or an unknown plan."""
    years = re.findall(r" ((?:19|20)\d\d) ", words)
    if len(years) > 1 or (years and "month" not in where):
        return " and ".join(years)
    plan = re.search(r" (\w+) (?:plan|tier) ", words)
    harmless = {"a", "any", "by", "customer", "each", "every", "its", "of", "per", "the", "their", "which"}
    if plan and plan[1] not in harmless and plan[1] not in where.values():
        return f"{plan[1]} plan"
    return None


def groups_by(words: str, phrase: str) -> bool:
    """Whether the question asks for one row for each value of a dimension."""
    return any(f" {preposition} {phrase} " in words for preposition in ("by", "per", "for each", "for every"))


def shown(value: float, unit: str) -> str:
    """A number as people read it.

    >>> shown(83.456, "minutes"), shown(0.125, "share"), shown(1204, "tickets")
    ('83.5 minutes', '12.5%', '1,204 tickets')
    """
    if unit == "share":
        return f"{value:.1%}"
    return f"{value:,.0f} {unit}" if value == int(value) else f"{value:,.1f} {unit}"
