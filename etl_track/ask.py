"""Ask the warehouse in words: find the metric, the filters and the grouping that a question names, or say that none is.

Twin: rag_track/draft.py. Nothing is guessed: a question in which no metric's words stand is not answered.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

from duckdb import DuckDBPyConnection

from etl_track.metrics import GRAINS, Table, query_metric
from etl_track.semantics import Definitions, Metric, definitions, dimension_values
from lab.errors import ConfigError

T = TypeVar("T")
QUALIFIERS = ("average", "business", "median", "resolution")  # words that make another metric of a metric
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
    known = definitions(warehouse)
    metrics = named(words, [(phrase, metric) for metric in known.metrics for phrase in metric.asks])
    if not metrics:
        return Answer("No metric measures this: the warehouse counts, it does not read.", None)
    if len(metrics) > 1:
        return Answer(f"This names several metrics: {', '.join(m.name for m in metrics)}. Ask for one.", None)
    metric = qualified(known, metrics[0], words)
    if metric is None:
        return Answer(f"{metrics[0].name} is not what this asks for, and no other metric is.", None)
    where: dict[str, str] = {}
    for name, values in filters(warehouse, known, words).items():
        if len(values) > 1:
            return Answer(f"This names {len(values)} values of {name}: {', '.join(values)}. Ask for one.", None)
        where[name] = values[0]
    if shared := {value for value in where.values() if list(where.values()).count(value) > 1}:
        names = " or ".join(name for name, value in where.items() if value in shared)
        return Answer(f"{' and '.join(shared)!r} may be the {names}. Say which one.", None)
    known_months = months_of(warehouse, metric)
    if months := named_months(words, known_months):
        if len(months) > 1:
            return Answer(f"This names {len(months)} values of month: {', '.join(months)}. Ask for one.", None)
        if months[0] not in known_months:
            return Answer(f"Nothing matches: there is none in month {months[0]}.", None)
        where["month"] = months[0]
    if odd := not_understood(words, where):
        return Answer(f"The warehouse does not know what {odd!r} means. Leave it out, or use a value it has.", None)
    by = tuple(name for name in groups(known, words) if name not in where)
    try:
        return told(metric, query_metric(warehouse, metric.name, by, where), where)
    except ConfigError as error:  # what was named does not go together
        return Answer(str(error), None)


def told(metric: Metric, table: Table, where: dict[str, str]) -> Answer:
    """The answer with its sentence: what was measured, over what, and the number."""
    filters = ", ".join(f"{name} = {value}" for name, value in where.items())
    label = metric.name.replace("_", " ") + (f" where {filters}" if filters else "")
    answer = Answer("", table, metric.unit)
    if answer.value is not None:
        said = shown(answer.value, metric.unit)
    else:
        said = f"{len(table.rows)} rows" if len(table.rows) > 1 else "nothing matches"
    return replace(answer, text=f"{label}: {said}")


def normal(text: str) -> str:
    """Lower case, words only, a space on both ends, so that ` word ` finds whole words."""
    return f" {' '.join(re.findall(r'[a-z0-9-]+', text.lower()))} "


def named(words: str, phrases: Iterable[tuple[str, T]]) -> list[T]:
    """What the question names, by its phrases; a phrase inside or across a longer one does not count."""
    taken: dict[int, str] = {}  # positions of letters, and the phrase that holds them
    found: list[T] = []
    for phrase, what in sorted(phrases, key=lambda pair: -len(pair[0])):
        start = words.find(f" {phrase} ") + 1
        letters = range(start, start + len(phrase))
        if start and all(taken.get(letter, phrase) == phrase for letter in letters):
            taken |= dict.fromkeys(letters, phrase)
            found += [what] if what not in found else []
    return found


def qualified(known: Definitions, metric: Metric, words: str) -> Metric | None:
    """The metric that has all that the question says of it: first reply "in business hours" is another metric."""
    for phrase in (phrase for dimension in known.dimensions for phrase in dimension.asks):
        words = words.replace(f" {phrase} ", " ")
    said = {word for word in QUALIFIERS if f" {word} " in words}
    if metric.unit == "share":
        said -= {"average"}
    wanted = said | set(metric.name.split("_"))
    return next((other for other in known.metrics if set(other.name.split("_")) == wanted), None)


def filters(warehouse: DuckDBPyConnection, known: Definitions, words: str) -> dict[str, list[str]]:
    """The values that the question names, by dimension."""
    phrases = [
        (normal(phrase.format(value)).strip(), (dimension.name, value))
        for dimension in known.dimensions
        for value in dimension_values(warehouse, dimension)
        for said in dimension.said_as
        for phrase in (said, *(f"{said} {word}" for word in dimension.asks))
    ]
    found: dict[str, list[str]] = {}
    for name, value in named(words, phrases):
        found.setdefault(name, []).append(value)
    return found


def groups(known: Definitions, words: str) -> list[str]:
    """The dimensions and periods for each value of which the question asks for one row."""
    names = {dimension.name: dimension.asks for dimension in known.dimensions}
    names |= {"month" if grain == "month" else f"metric_time__{grain}": (grain,) for grain in GRAINS}
    found = [name for name, phrases in names.items() if any(groups_by(words, phrase) for phrase in phrases)]
    if found:  # "by tier and month"
        joined = (name for name, phrases in names.items() if any(f" and {phrase} " in words for phrase in phrases))
        found += [name for name in joined if name not in found]
    return found


def months_of(warehouse: DuckDBPyConnection, metric: Metric) -> list[str]:
    """The months that the metric has; those in which tickets came in for one that is as of today."""
    timed = metric.name if metric.has_time else "ticket_count"
    return [str(month) for month, _ in query_metric(warehouse, timed, ("month",)).rows]


def named_months(words: str, known: list[str]) -> list[str]:
    """The months that the question names, as 2026-03; without a year, the latest of that name that is known.

    "May" and "march" are months only after a preposition: they are verbs as well.
    """
    years = re.findall(r" ((?:19|20)\d\d) ", words)
    found = []
    for number, month in enumerate(MONTHS, start=1):
        verb = month in ("march", "may")
        if re.search(rf" (?:in|during|of|for|since) {month} " if verb else rf" {month} ", words):
            latest = next((value for value in reversed(known) if value.endswith(f"-{number:02}")), f"????-{number:02}")
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
