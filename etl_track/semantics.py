"""What the warehouse can be asked: its metrics, and the dimensions that go with each.

People say `customer_tier`; MetricFlow says ticket__customer_tier for the tier of the day on which a ticket came, and
customer__customer_tier for today's. A metric takes the one of its own table first, then the one with fewest joins.
"""

import difflib
from dataclasses import dataclass
from functools import cache
from typing import Any

import duckdb

from etl_track.metric_engine import list_metrics, without_database
from etl_track.warehouse import read_manifest
from lab.errors import ConfigError


@dataclass(frozen=True)
class Dimension:
    """What a metric can be grouped and filtered by. `path` is MetricFlow's name for it, such as ticket__channel."""

    name: str
    path: str
    description: str
    asks: tuple[str, ...]  # the words by which a question means it
    values: tuple[str, ...]  # those that exist by definition
    said_as: tuple[str, ...]  # how a question names a value
    also: dict[str, tuple[str, ...]]  # other words for a value
    reads: str  # how a sentence says a value, such as "of {} customers"
    relation: str  # schema.table
    expression: str  # over the relation


@dataclass(frozen=True)
class Snapshots:
    """Where a metric that does not add up over days has its days: a date column of a table."""

    relation: str
    day: str


@dataclass(frozen=True)
class Metric:
    """A metric, its unit (minutes, tickets, share or euro), and the dimensions that go with it."""

    name: str
    label: str
    description: str
    unit: str
    reads: str  # in a sentence, where that is not the label
    subject: str  # metrics of one subject measure the same thing in different ways
    better: str  # higher, lower, or nothing
    gives_way: bool  # to another metric that a question names beside it
    asks: tuple[str, ...]
    dimensions: tuple[Dimension, ...]
    has_time: bool  # whether it has months, or is as of today
    snapshots: Snapshots | None


@dataclass(frozen=True)
class Definitions:
    """Everything that models/semantic defines, by name."""

    metrics: tuple[Metric, ...]

    @property
    def dimensions(self) -> tuple[Dimension, ...]:
        """One dimension of each name."""
        found = {dimension.name: dimension for metric in self.metrics for dimension in metric.dimensions}
        return tuple(found[name] for name in sorted(found))

    def metric(self, name: str) -> Metric:
        """The metric of that name. Raises ConfigError with the closest names."""
        for metric in self.metrics:
            if metric.name == name:
                return metric
        raise unknown("metric", name, [metric.name for metric in self.metrics])

    def dimension(self, metric: Metric, name: str) -> Dimension:
        """The metric's dimension of that name. Raises ConfigError with those that it has."""
        own = {dimension.name: dimension for dimension in metric.dimensions}
        if name in own:
            return own[name]
        if any(name == dimension.name for dimension in self.dimensions):
            raise ConfigError(f"{metric.name} has no dimension {name}.", next_step=f"use {' or '.join(own)}")
        raise unknown("dimension", name, [*own, *(["month"] if metric.has_time else [])])


def definitions(warehouse: duckdb.DuckDBPyConnection) -> Definitions:
    """What models/semantic defined when the warehouse was built. Raises MissingStep when it has no metrics."""
    return definitions_of(read_manifest(warehouse))


@cache
def definitions_of(manifest: str) -> Definitions:
    models = {model["name"]: model for model in without_database(manifest)["semantic_models"]}
    # A dimension that several tables have is described once, for all of them.
    meta: dict[str, dict[str, Any]] = {}
    for dimension in (dimension for model in models.values() for dimension in model["dimensions"]):
        meta.setdefault(dimension["name"], {}).update((dimension["config"] or {}).get("meta", {}))
    metrics = (metric_of(found, models, meta) for found in list_metrics(manifest))
    return Definitions(tuple(sorted(metrics, key=lambda metric: metric.name)))


def metric_of(found: Any, models: dict[str, Any], meta: dict[str, dict[str, Any]]) -> Metric:
    own = {reference.semantic_model_name for reference in found.semantic_models}
    said = found.config.meta if found.config else {}
    ways = sorted(
        (way for way in found.dimensions if "asks" in meta.get(way.name, {})),
        key=lambda way: (way.semantic_model_reference.semantic_model_name in own, -way.dunder_name.count("__")),
    )  # the best way last, so that it stays
    dimensions = {way.name: dimension_of(way, models, meta[way.name]) for way in ways}
    return Metric(
        name=found.name,
        label=found.label or found.name,
        description=found.description or "",
        unit=said.get("unit", ""),
        reads=said.get("reads", ""),
        subject=said.get("subject", ""),
        better=said.get("better", ""),
        gives_way=said.get("gives_way", False),
        asks=tuple(said.get("asks", ())),
        dimensions=tuple(dimensions[name] for name in sorted(dimensions)),
        has_time=not said.get("timeless", False),
        snapshots=snapshots_of(found.type_params.metric_aggregation_params, models),
    )


def dimension_of(found: Any, models: dict[str, Any], meta: dict[str, Any]) -> Dimension:
    model = models[found.semantic_model_reference.semantic_model_name]
    return Dimension(
        name=found.name,
        path=found.dunder_name,
        description=found.description or "",
        asks=tuple(meta["asks"]),
        values=tuple(meta.get("values", ())),
        said_as=tuple(meta.get("said_as", ("{}",))),
        also={value: tuple(words) for value, words in meta.get("also", {}).items()},
        reads=meta.get("reads", "of " + found.name.replace("_", " ") + " {}"),
        relation=model["node_relation"]["relation_name"],
        expression=found.expr or found.name,
    )


def snapshots_of(aggregation: Any, models: dict[str, Any]) -> Snapshots | None:
    if aggregation is None or aggregation.non_additive_dimension is None:
        return None
    model = models[aggregation.semantic_model]
    day = next(d for d in model["dimensions"] if d["name"] == aggregation.non_additive_dimension.name)
    return Snapshots(model["node_relation"]["relation_name"], day["expr"] or day["name"])


def dimension_values(warehouse: duckdb.DuckDBPyConnection, dimension: Dimension) -> list[str]:
    """Every value that the dimension has in the warehouse or by definition, sorted."""
    rows = warehouse.execute(f"select distinct {dimension.expression} from {dimension.relation}").fetchall()
    return sorted({str(row[0]) for row in rows if row[0] is not None} | set(dimension.values))


def unknown(what: str, name: str, known: list[str]) -> ConfigError:
    """The error for a name that does not exist, with those that come closest."""
    close = difflib.get_close_matches(name, known, n=3, cutoff=0.4) or known
    return ConfigError(f"There is no {what} {name!r}.", next_step=f"use {' or '.join(close)}")
