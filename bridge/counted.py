"""Bridge, the truth of a number: each measure told anew from the generator's records, one line of Python each.

Nothing here is shared with etl_track: two definitions that agree on every question are worth more than one.
"""

import statistics
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bridge.bank import Dimension, Measure, Where

Record = dict[str, Any]
ZONE = ZoneInfo("Europe/Amsterdam")  # the sample company's, whose days end a backlog
UNITS: dict[Measure, str] = {
    "tickets": "tickets",
    "backlog": "tickets",
    "average first_reply_minutes": "minutes",
    "median first_reply_minutes": "minutes",
    "average first_reply_business_minutes": "minutes",
    "median first_reply_business_minutes": "minutes",
    "average full_resolution_minutes": "minutes",
    "median full_resolution_minutes": "minutes",
    "average full_resolution_business_minutes": "minutes",
    "reopened": "share",
    "one-touch": "share",
    "csat": "share",
    "sla breaches": "share",
    "resolution sla breaches": "share",
    "arr": "euro",
    "customers": "customers",
}
RATINGS = {
    "csat": "is_rated_good",
    "sla breaches": "first_reply_breached",
    "resolution sla breaches": "resolution_breached",
}
SOLVED = {"reopened": "is_reopened", "one-touch": "is_one_touch"}  # shares of the solved tickets


@dataclass(frozen=True)
class Company:
    """What is counted: tickets that are not deleted, and customers with today's plan."""

    tickets: list[Record]
    customers: list[Record]
    clock: str
    holidays: frozenset[str]


def grouped(measure: Measure, where: Where, dimension: Dimension, company: Company) -> dict[str, float]:
    """The measure for each value of a dimension that something has; values without a number are left out."""
    rows = company.customers if measure in ("arr", "customers") else company.tickets
    parts: dict[str, list[Record]] = {}
    for row in rows:
        if matches(row, where):
            parts.setdefault(value_of(row, dimension), []).append(row)
    found = {name: value_over(measure, part, company) for name, part in sorted(parts.items())}
    return {name: value for name, value in found.items() if value is not None}


def measured(measure: Measure, where: Where, company: Company) -> float | None:
    """The measure over all that matches; None when there is nothing to take an average or a share of."""
    rows = company.customers if measure in ("arr", "customers") else company.tickets
    return value_over(measure, [row for row in rows if matches(row, where)], company)


def value_over(measure: Measure, rows: list[Record], company: Company) -> float | None:
    if measure in ("tickets", "customers"):
        return float(len(rows))
    if measure == "arr":
        return float(sum(row["arr"] for row in rows))
    if measure == "backlog":
        end = last_business_day_end(company)
        return float(sum(is_unsolved_at(row, end) for row in rows))
    if measure in SOLVED:
        solved = [row for row in rows if row["status"] in ("solved", "closed") and not row["merged_into"]]
        return mean([float(row[SOLVED[measure]]) for row in solved])
    if measure in RATINGS:
        return mean([float(row[RATINGS[measure]]) for row in rows if row[RATINGS[measure]] is not None])
    how, _, column = measure.partition(" ")
    values = [row[column] for row in rows if row[column] is not None]
    return mean(values) if how == "average" else statistics.median(values) if values else None


def mean(values: list[float]) -> float | None:
    return statistics.fmean(values) if values else None


def matches(row: Record, where: Where) -> bool:
    day = row["created_at"][:10] if "created_at" in row else ""
    wanted = where.model_dump(exclude_none=True)
    since, until = wanted.pop("since", None), wanted.pop("until", None)
    if (since and day < since.isoformat()) or (until and day > until.isoformat()):
        return False
    return all(value_of(row, name) == value for name, value in wanted.items())


def value_of(row: Record, dimension: str) -> str:
    """A row's value; months and quarters are those in which a ticket came, in UTC."""
    if dimension in ("month", "quarter"):
        created = date.fromisoformat(row["created_at"][:10])
        return f"{created:%Y-%m}" if dimension == "month" else f"{created:%Y}-Q{(created.month + 2) // 3}"
    return str(row[dimension])


def last_business_day_end(company: Company) -> datetime:
    """The midnight, in the company's time zone, at which its last business day before the clock ended."""
    now = datetime.fromisoformat(company.clock).astimezone(ZONE)
    day = now.date() - timedelta(days=1)
    while day.weekday() >= 5 or day.isoformat() in company.holidays:
        day -= timedelta(days=1)
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), ZONE).astimezone(UTC)


def is_unsolved_at(ticket: Record, moment: datetime) -> bool:
    """Whether a ticket was there and not solved. One solved and opened again between `moment` and the clock counts."""
    created = datetime.fromisoformat(ticket["created_at"])
    if created >= moment:
        return False
    if ticket["status"] not in ("solved", "closed"):
        return True
    minutes = ticket["full_resolution_minutes"]
    return minutes is not None and created + timedelta(minutes=minutes) > moment
