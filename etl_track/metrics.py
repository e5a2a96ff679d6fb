"""Serve: answer with a named metric, grouped and filtered by named dimensions. Twin: rag_track/retrieve.py.

A metric is defined once, in metrics.yml. Nobody writes its SQL by hand a second time.
"""

import difflib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb
import yaml
from pydantic import BaseModel, ConfigDict

from lab.errors import ConfigError, MissingStep
from lab.settings import Settings

HERE = Path(__file__).parent


class Dimension(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str
    expression: str
    asks: tuple[str, ...]
    values: tuple[str, ...] = ()


class Metric(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str
    description: str
    expression: str
    unit: str
    asks: tuple[str, ...]


class Definitions(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    metrics: tuple[Metric, ...]
    dimensions: tuple[Dimension, ...]

    def metric(self, name: str) -> Metric:
        """The metric of that name. Raises ConfigError with the closest names."""
        for metric in self.metrics:
            if metric.name == name:
                return metric
        raise unknown("metric", name, [metric.name for metric in self.metrics])

    def dimension(self, name: str) -> Dimension:
        """The dimension of that name. Raises ConfigError with the closest names."""
        for dimension in self.dimensions:
            if dimension.name == name:
                return dimension
        raise unknown("dimension", name, [dimension.name for dimension in self.dimensions])


@dataclass(frozen=True)
class Table:
    """The answer of the warehouse: the dimensions' columns first, the metric's last, and the SQL that was run."""

    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    sql: str


@cache
def definitions() -> Definitions:
    """Everything in metrics.yml."""
    return Definitions.model_validate(yaml.safe_load((HERE / "metrics.yml").read_text(encoding="utf-8")))


def query_metric(
    warehouse: duckdb.DuckDBPyConnection, metric: str, by: tuple[str, ...] = (), where: dict[str, str] | None = None
) -> Table:
    """`metric`, one row for each combination of the dimensions in `by`, over tickets that match all of `where`.

    Raises ConfigError for an unknown name or an unknown value, with the closest ones.
    """
    known = definitions()
    measured = known.metric(metric)
    groups = [known.dimension(name) for name in by]
    filters = [(known.dimension(name), value) for name, value in (where or {}).items()]
    for dimension, value in filters:
        values = dimension_values(warehouse, dimension)
        if value not in values:
            raise unknown(dimension.name, value, values)
    columns = [f"{g.expression} as {g.name}" for g in groups]
    sql = f"select {', '.join([*columns, f'{measured.expression} as {metric}'])}\nfrom marts.fct_support_tickets"
    if filters:
        sql += "\nwhere " + " and ".join(f"{dimension.expression} = ?" for dimension, _ in filters)
    if groups:
        numbers = ", ".join(str(n) for n in range(1, len(groups) + 1))
        sql += f"\ngroup by {numbers}\norder by {numbers}"
    rows = warehouse.execute(sql, [value for _, value in filters]).fetchall()
    return Table((*by, metric), tuple(rows), sql)


def dimension_values(warehouse: duckdb.DuckDBPyConnection, dimension: Dimension) -> list[str]:
    """Every value that the dimension has in the warehouse or by definition, sorted."""
    column = dimension.expression
    rows = warehouse.sql(f"select distinct {column} from marts.fct_support_tickets").fetchall()
    return sorted({str(row[0]) for row in rows if row[0] is not None} | set(dimension.values))


def open_warehouse(settings: Settings) -> duckdb.DuckDBPyConnection:
    """A read-only connection. Raises MissingStep when the marts were not built yet."""
    if not settings.warehouse.exists():
        raise MissingStep(f"There is no warehouse at {settings.warehouse} yet.", next_step="make etl")
    warehouse = duckdb.connect(str(settings.warehouse), read_only=True)
    if not warehouse.sql("select 1 from information_schema.tables where table_name = 'fct_support_tickets'").fetchall():
        warehouse.close()
        raise MissingStep(f"{settings.warehouse} has no marts yet, only earlier stages.", next_step="make etl")
    return warehouse


def unknown(what: str, name: str, known: list[str]) -> ConfigError:
    close = difflib.get_close_matches(name, known, n=3, cutoff=0.4) or known
    return ConfigError(f"There is no {what} {name!r}.", next_step=f"use {' or '.join(close)}")
