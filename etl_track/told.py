"""Serve, in words: an answer as a sentence that says what was measured, over what, when, with its unit.

Twin: rag_track/show.py. A number without its period and its unit is no answer.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from etl_track.periods import Span
from etl_track.tables import period
from etl_track.vocabulary import NamedMetric, Vocabulary

OF_TICKETS = ("product_category", "channel", "source", "priority")  # a time is not about a product, its tickets are


def shown(value: Any, unit: str) -> str:
    """A number as people read it.

    >>> shown(83.456, "minutes"), shown(0.125, "share"), shown(1204, "tickets"), shown(None, "share")
    ('83.5 minutes', '12.5%', '1,204 tickets', 'nothing')
    """
    if value is None:
        return "nothing"
    if unit == "share":
        return f"{value:.1%}"
    number = f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"
    return f"{number} {unit.removesuffix('s') if number == '1' else unit}"


def measured(metric: NamedMetric, where: Mapping[str, Sequence[str]], span: Span | None, vocabulary: Vocabulary) -> str:
    """What was measured: "average first reply time of enterprise customers in March 2026"."""
    said = [metric.reads]
    if "ticket" not in metric.reads and any(name in OF_TICKETS for name in where):
        said.append("on tickets")
    for name, values in where.items():
        reads = metric.said.get(name) or vocabulary.dimension(name).reads
        said.append(reads.format(" or ".join(values)))
    return " ".join([*said, *([span.said] if span else [])])


def sentence(what: str, metric: NamedMetric, value: Any) -> str:
    """One number in a sentence."""
    if value is None:
        return f"There is no {what}: nothing matches."
    return f"The {what} {'was' if metric.has_time else 'is'} {shown(value, metric.unit)}."


def label(cells: Sequence[Any], columns: Sequence[str]) -> str:
    """What one row is about: its dimensions' values and its period as people write it."""
    said = []
    for cell, name in zip(cells, columns, strict=False):
        week = "week of " if name == "metric_time__week" else ""
        said.append(f"{week}{period(day_of(cell, name), name)}")
    return ", ".join(said)


def day_of(cell: Any, column: str) -> Any:
    """A period's first day that came as text."""
    return date.fromisoformat(cell[:10]) if column.startswith("metric_time") and isinstance(cell, str) else cell


def lines(columns: Sequence[str], rows: Sequence[Sequence[Any]], unit: str) -> str:
    """A table as a short list, one line for each row."""
    return "\n".join(f"- {label(row[:-1], columns)}: {shown(row[-1], unit)}" for row in rows)


def names(by: Sequence[str]) -> str:
    """Groups as people say them.

    >>> names(("customer_tier", "metric_time__week"))
    'customer tier and week'
    """
    return " and ".join(name.removeprefix("metric_time__").replace("_", " ") for name in by)
