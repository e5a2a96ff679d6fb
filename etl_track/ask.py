"""Ask the warehouse in words: find the metric, the filters and the grouping that a question names, or say that none is.

Twin: rag_track/draft.py. Nothing is guessed: a question in which no metric's words stand is not answered.
"""

import re
from dataclasses import dataclass, replace

from duckdb import DuckDBPyConnection

from etl_track.metrics import Dimension, Metric, Table, definitions, dimension_values, query_metric

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
    """The warehouse's answer to `question`."""
    words = normal(question)
    metric = named_metric(words)
    if metric is None:
        return Answer("No metric measures this: the warehouse counts, it does not read.", None)
    where: dict[str, str] = {}
    for dimension in definitions().dimensions:
        if value := named_value(words, dimension, dimension_values(warehouse, dimension)):
            where[dimension.name] = value
    by = tuple(d.name for d in definitions().dimensions if any(f" by {ask} " in words for ask in d.asks))
    table = query_metric(warehouse, metric.name, tuple(b for b in by if b not in where), where)
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


def named_metric(words: str) -> Metric | None:
    """The metric whose longest phrase stands in the question."""
    named = [
        (len(phrase), metric) for metric in definitions().metrics for phrase in metric.asks if f" {phrase} " in words
    ]
    return max(named, key=lambda pair: pair[0])[1] if named else None


def named_value(words: str, dimension: Dimension, values: list[str]) -> str | None:
    """The value of `dimension` that the question names: a month by its English name, the latest that has tickets."""
    if dimension.name == "month":
        for number, month in enumerate(MONTHS, start=1):
            if f" {month} " in words:
                matching = [value for value in values if value.endswith(f"-{number:02}")]
                return matching[-1] if matching else None
        return None
    return next((value for value in values if f" {value.replace('_', ' ')} " in words), None)


def shown(value: float, unit: str) -> str:
    """A number as people read it.

    >>> shown(83.456, "minutes"), shown(0.125, "share"), shown(1204, "tickets")
    ('83.5 minutes', '12.5%', '1,204 tickets')
    """
    if unit == "share":
        return f"{value:.1%}"
    return f"{value:,.0f} {unit}" if value == int(value) else f"{value:,.1f} {unit}"
