"""Serve, in words: what the semantic layer can be asked, with the words for it, as a text that a program can read.

Twin: the facets of rag_track/index.py. It holds names, meanings, values and days, and no number of the company.
"""

from collections.abc import Iterator
from datetime import date
from functools import cached_property
from itertools import permutations

from duckdb import DuckDBPyConnection
from pydantic import BaseModel

from etl_track.semantics import definitions, dimension_values
from etl_track.words import normal


class NamedMetric(BaseModel, frozen=True):
    """A metric in words. Metrics of one `subject` measure the same thing in different ways.

    `gives_way`: another metric that is named beside it is what is meant: "how many solved tickets were reopened".
    """

    name: str
    reads: str  # in a sentence: average first reply time
    description: str
    unit: str  # minutes, tickets, share or euro
    subject: str
    asks: tuple[str, ...]
    better: str  # higher, lower, or nothing where neither is
    gives_way: bool
    has_time: bool
    dimensions: tuple[str, ...]
    pattern: str = ""  # an expression that names it, where a phrase is not enough
    said: dict[str, str] = {}  # how a sentence says a dimension's value of this metric, where that differs

    @property
    def way(self) -> str:
        """How it measures: share, count, average or median."""
        if self.unit == "share":
            return "share"
        return next((way for way in ("median", "average") if way in self.name), "count")

    @property
    def is_business(self) -> bool:
        """Whether its clock stands still at night."""
        return "business" in self.name


class NamedDimension(BaseModel, frozen=True):
    """A dimension in words: what calls it, its values, how a question says a value and how an answer does."""

    name: str
    description: str
    asks: tuple[str, ...]
    values: tuple[str, ...]
    said_as: tuple[str, ...]
    also: dict[str, tuple[str, ...]]  # other words for a value
    reads: str


class Vocabulary(BaseModel, frozen=True):
    """All metrics and dimensions, the days of the first and the newest ticket, and today by the company's clock."""

    metrics: tuple[NamedMetric, ...]
    dimensions: tuple[NamedDimension, ...]
    first_day: date
    last_day: date
    today: date

    def metric(self, name: str) -> NamedMetric:
        return next(metric for metric in self.metrics if metric.name == name)

    def dimension(self, name: str) -> NamedDimension:
        return next(dimension for dimension in self.dimensions if dimension.name == name)

    @cached_property
    def value_phrases(self) -> list[tuple[str, tuple[str, str]]]:
        """All that names a value, with its dimension and the value: made once, there are thousands of them."""
        return [phrase for dimension in self.dimensions for phrase in (*phrases_of(dimension), *pairs_of(dimension))]


def phrases_of(dimension: NamedDimension) -> Iterator[tuple[str, tuple[str, str]]]:
    """A value by itself, and beside what calls its dimension: "the pro plan", "plan pro"."""
    for value in dimension.values:
        for word in (value, *dimension.also.get(value, ())):
            for said in (form.format(word) for form in dimension.said_as):
                beside = [phrase for ask in dimension.asks for phrase in (f"{said} {ask}", f"{ask} {said}")]
                for phrase in (said, *beside):
                    yield normal(phrase).strip(), (dimension.name, value)


def pairs_of(dimension: NamedDimension) -> Iterator[tuple[str, tuple[str, str]]]:
    """Two values of which only the second is said in full: "high and urgent priority"."""
    for one, other in permutations(dimension.values, 2):
        for form in (form for form in dimension.said_as if form != "{}"):
            for joint in ("and", "or"):
                phrase = f"{normal(one).strip()} {joint} {normal(form.format(other)).strip()}"
                yield phrase, (dimension.name, one)
                yield phrase, (dimension.name, other)


def read_vocabulary(warehouse: DuckDBPyConnection) -> Vocabulary:
    """What this warehouse can be asked. Raises MissingStep when it has no metrics."""
    known = definitions(warehouse)
    days = "min(created_at)::date, max(created_at)::date"
    [(first, last)] = warehouse.execute(f"select {days} from marts.fct_support_tickets").fetchall()
    [(today,)] = warehouse.execute("select max(date_day) from marts.dim_dates").fetchall()
    return Vocabulary(
        metrics=tuple(
            NamedMetric(
                name=metric.name,
                reads=metric.reads or metric.label.lower(),
                description=metric.description,
                unit=metric.unit,
                subject=metric.subject or metric.name,
                asks=metric.asks,
                better=metric.better,
                gives_way=metric.gives_way,
                has_time=metric.has_time,
                dimensions=tuple(dimension.name for dimension in metric.dimensions),
            )
            for metric in known.metrics
        ),
        dimensions=tuple(
            NamedDimension(
                name=dimension.name,
                description=dimension.description,
                asks=dimension.asks,
                values=tuple(dimension_values(warehouse, dimension)),
                said_as=dimension.said_as,
                also=dimension.also,
                reads=dimension.reads,
            )
            for dimension in known.dimensions
        ),
        first_day=first or today,
        last_day=last or today,
        today=today,
    )
