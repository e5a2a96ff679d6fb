"""Filters: which past tickets may answer. A value that no ticket has is an error, not an empty result.

Twin: the `where` of the ETL track's metrics.
"""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from lab.errors import ConfigError, closest


@dataclass(frozen=True)
class Filters:
    """What a past ticket must be; all of it together. Days are of the solution, in UTC; `until` is not included."""

    product_category: str | None = None
    customer_tier: str | None = None
    source: str | None = None
    region: str | None = None
    language: str | None = None
    since: date | None = None
    until: date | None = None
    not_outdated: bool = False

    def __str__(self) -> str:
        given = {name: value for name, value in vars(self).items() if value}
        return ", ".join(name if value is True else f"{name} = {value}" for name, value in given.items()) or "none"


NO_FILTERS = Filters()


def parse_filters(texts: list[str]) -> Filters:
    """Filters as one types them: "customer_tier=pro", "since=2026-01-01", "not_outdated". Raises ConfigError."""
    given: dict[str, Any] = {}
    names = tuple(Filters.__dataclass_fields__)
    for text in texts:
        name, equals, value = (part.strip() for part in text.partition("="))
        if name not in names:
            raise ConfigError(f"There is no filter {name!r}.", next_step=f"use {closest(name, names)}")
        if name == "not_outdated":
            given[name] = value.lower() not in ("false", "no", "0")
        elif not equals or not value:
            raise ConfigError(f"The filter {text!r} has no value.", next_step=f"write it as {name}=value")
        else:
            given[name] = day(value) if name in ("since", "until") else value
    return Filters(**given)


def day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"{text!r} is no day.", next_step="write it as 2026-01-31") from None


def where(filters: Filters, collection: Any) -> Any:
    """Chroma's condition for the filters, None for none. Raises ConfigError that names the closest value."""
    clauses: list[dict[str, Any]] = []
    for name in ("product_category", "customer_tier", "source", "region", "language"):
        if (value := getattr(filters, name)) is not None:
            known = json.loads((collection.metadata or {}).get(name, "[]"))
            if value not in known:
                raise ConfigError(
                    f"No past ticket has {name} {value!r}.", next_step=f"use {closest(value, known) or 'no filter'}"
                )
            clauses.append({name: {"$eq": value}})
    if filters.since:
        clauses.append({"solved_at": {"$gte": seconds(filters.since)}})
    if filters.until:
        clauses.append({"solved_at": {"$lt": seconds(filters.until)}})
    if filters.not_outdated:
        clauses.append({"is_outdated": {"$eq": False}})
    return {"$and": clauses} if len(clauses) > 1 else clauses[0] if clauses else None


def seconds(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp())
