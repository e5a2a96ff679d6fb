"""Serve: answer with a named metric, grouped and filtered by named dimensions. Twin: rag_track/retrieve.py.

A metric is defined once, in models/semantic. MetricFlow writes its SQL, nobody does so by hand a second time.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import duckdb

from etl_track.metric_engine import render
from etl_track.semantics import Definitions, Dimension, Metric, Snapshots, definitions, dimension_values, unknown
from etl_track.warehouse import open_warehouse as open_warehouse  # its callers look for it here
from etl_track.warehouse import read_manifest
from lab.errors import ConfigError, MissingStep

Where = Mapping[str, str | tuple[str, ...]]
GRAINS = ("day", "week", "month", "quarter", "year")
DAY = "{{ TimeDimension('metric_time', 'day') }}"
MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Table:
    """The answer of the warehouse: the dimensions' columns first, the metric's last, and the SQL that was run."""

    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    sql: str


@dataclass(frozen=True)
class Period:
    """The days from `since` up to and without `until`, of the months in `months` (none: of all months)."""

    since: date | None
    until: date | None
    months: tuple[str, ...]

    def conditions(self, day: str) -> list[str]:
        """SQL over a day."""
        found = [f"{day} >= '{self.since}'"] if self.since else []
        found += [f"{day} < '{self.until}'"] if self.until else []
        months = ", ".join(f"'{month}'" for month in self.months)
        return found + ([f"strftime({day}, '%Y-%m') in ({months})"] if months else [])


def query_metric(
    warehouse: duckdb.DuckDBPyConnection,
    metric: str,
    by: tuple[str, ...] = (),
    where: Where | None = None,
    since: date | None = None,
    until: date | None = None,
) -> Table:
    """`metric`, one row for each combination of what is in `by`, over what matches all of `where` in the period.

    `by` names dimensions, `month` (text, such as 2026-03), or metric_time__day, __week, __month, __quarter, __year
    (the period's first day, a date). `where` gives a dimension, or `month`, one value or several of which one must
    match. The period begins with the day `since` and ends before the day `until`; days are UTC, those of the backlog
    the company's. Without `by` there is one row; when nothing matches, a count in it is 0 and any other metric None.

    Raises ConfigError for a name or a value that does not exist, with the closest ones, and for a dimension that
    does not go with the metric; MissingStep when the warehouse lacks a mart.
    """
    known = definitions(warehouse)
    measured = known.metric(metric)
    columns = (*dict.fromkeys(by), metric)
    paths = [*(path_of(known, measured, name) for name in columns[:-1]), metric]
    filters = {name: (value,) if isinstance(value, str) else value for name, value in (where or {}).items()}
    for name in (name for name, values in filters.items() if not values):
        raise ConfigError(f"No value of {name} is given.", next_step=f"leave {name} out for all of them")
    period = Period(since, until, filters.pop("month", ()))
    check_period(measured, period)
    conditions = [
        condition(warehouse, known.dimension(measured, name), values) for name, values in sorted(filters.items())
    ]
    conditions += period.conditions(DAY) + last_days(measured.snapshots, paths, period)
    sql = render(read_manifest(warehouse), metric, tuple(dict.fromkeys(paths[:-1])), conditions)
    return Table(columns, run(warehouse, sql, columns, paths), sql)


def run(
    warehouse: duckdb.DuckDBPyConnection, sql: str, columns: tuple[str, ...], paths: list[str]
) -> tuple[tuple[object, ...], ...]:
    """The rows of `sql`, of whose columns `paths` become `columns`. Raises MissingStep when a mart is not there."""
    try:
        answer = warehouse.execute(sql)
    except duckdb.CatalogException as error:
        lacks = str(error).splitlines()[0]
        raise MissingStep(f"The warehouse lacks a mart of {columns[-1]}: {lacks}", next_step="make etl") from None
    told = [column[0] for column in answer.description or []]
    wanted = [(name, told.index(path)) for name, path in zip(columns, paths, strict=True)]
    return tuple(tuple(plain(row[place], name) for name, place in wanted) for row in answer.fetchall())


def describe_metric(warehouse: duckdb.DuckDBPyConnection, metric: str) -> str:
    """What a metric means, in a sentence. Raises ConfigError for an unknown one."""
    return definitions(warehouse).metric(metric).description


def path_of(known: Definitions, metric: Metric, name: str) -> str:
    """What MetricFlow calls a name in `by`. Raises ConfigError."""
    if name != "month" and not name.startswith("metric_time"):
        return known.dimension(metric, name).path
    grain = "month" if name == "month" else name.removeprefix("metric_time").removeprefix("__") or "day"
    if grain not in GRAINS:
        raise unknown("grain", grain, list(GRAINS))
    if not metric.has_time:
        raise timeless(metric)
    return f"metric_time__{grain}"


def check_period(metric: Metric, period: Period) -> None:
    """Raises ConfigError for a month that is none, and for a period of a metric that has none."""
    for month in period.months:
        if not MONTH.fullmatch(month):
            raise ConfigError(f"{month!r} is no month.", next_step="write it as 2026-03")
    if period.since and period.until and period.since >= period.until:
        raise ConfigError(f"No day is from {period.since} on and before {period.until}.", next_step="give a later end")
    if not metric.has_time and period != Period(None, None, ()):
        raise timeless(metric)


def timeless(metric: Metric) -> ConfigError:
    names = " or ".join(dimension.name for dimension in metric.dimensions)
    return ConfigError(f"{metric.name} is as of today and has no time.", next_step=f"leave the time out, use {names}")


def condition(warehouse: duckdb.DuckDBPyConnection, dimension: Dimension, values: tuple[str, ...]) -> str:
    """A filter as MetricFlow reads it. Raises ConfigError for a value that the dimension does not have."""
    known = dimension_values(warehouse, dimension)
    for value in values:
        if value not in known:
            raise unknown(dimension.name, value, known)
    # A brace would begin a template.
    quoted = ("'" + value.replace("'", "''").replace("{", "' || chr(123) || '") + "'" for value in values)
    return f"{{{{ Dimension('{dimension.path}') }}}} in ({', '.join(quoted)})"


def last_days(snapshots: Snapshots | None, paths: list[str], period: Period) -> list[str]:
    """A condition that leaves the last business day of each period, for a metric that does not add up over days.

    MetricFlow alone takes the last day on which a row is left after filtering: where a filter leaves none on the
    period's last day, it would answer with an earlier day's value. None when the days themselves are asked for.
    The dates end on the day of the extract, which is not over.
    """
    grains = [grain for grain in GRAINS if f"metric_time__{grain}" in paths]
    if snapshots is None or grains[:1] == ["day"]:
        return []
    over = f"(select max({snapshots.day}) from {snapshots.relation}), (select max(date_day) - 1 from marts.dim_dates)"
    days = ["is_business_day", f"date_day <= greatest({over})"]
    last = f"select max(date_day) from marts.dim_dates where {' and '.join(days + period.conditions('date_day'))}"
    return [f"{DAY} in ({last} group by date_trunc('{grains[0]}', date_day))" if grains else f"{DAY} in ({last})"]


def plain(value: object, name: str) -> object:
    """The first day of a period as a date, the month as text, numbers as int or float."""
    if isinstance(value, datetime):
        value = value.date()
    if name == "month" and isinstance(value, date):
        return f"{value:%Y-%m}"
    return float(value) if isinstance(value, Decimal) else value
