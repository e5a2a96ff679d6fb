"""Read one raw record: a row that fits its table, or the reason why there is none.

A record that cannot be read never stops the others and never vanishes: it goes to the rejects.
"""

import json
from datetime import UTC, datetime
from typing import Any

from lab.landing.tables import Table, Type

EARLIEST, LATEST = datetime(1990, 1, 1, tzinfo=UTC).timestamp(), datetime(2100, 1, 1, tzinfo=UTC).timestamp()


class Unreadable(ValueError):
    """Why a record is rejected."""


def read(table: Table, record: Any) -> dict[str, Any]:
    """The landed row of one record (a line of JSON, or what an API returned): a value for each column, and `_more`.

    Raises Unreadable with the reason, such as "created_at is no time".
    """
    if isinstance(record, bytes):
        try:
            record = json.loads(record)
        except (ValueError, RecursionError):  # also a number of thousands of digits
            raise Unreadable("not JSON") from None
    if not isinstance(record, dict):
        raise Unreadable("not a JSON object")
    row = {name: value_of(name, kind, record.get(name)) for name, kind in table.columns.items()}
    for name in table.needs:
        if row[name] is None:
            raise Unreadable(f"{name} is missing")
    check_times(table, row)
    row["_more"] = as_text({name: value for name, value in record.items() if name not in table.columns})
    return row


def value_of(name: str, kind: Type, value: Any) -> Any:
    if value is None:
        return None
    if kind == "json" or (kind == "str" and not isinstance(value, str)):
        return as_text(value)  # Intercom's ids are strings, though its own examples have integers
    if kind == "str":
        return whole(value)
    if kind == "bool":
        if isinstance(value, bool):
            return value
        raise Unreadable(f"{name} is neither true nor false")
    if kind == "iso":
        return iso_time(name, value)
    return whole_number(name, kind, value)


def as_text(value: Any) -> str:
    return whole(json.dumps(value, ensure_ascii=False))


def whole(text: str) -> str:
    """Text that can be stored: half an emoji (a lone surrogate) becomes "?"."""
    return text.encode("utf-8", "replace").decode()


def whole_number(name: str, kind: Type, value: Any) -> int:
    try:
        number = int(value) if isinstance(value, int | str) and not isinstance(value, bool) else None
    except ValueError:
        number = None
    if number is None or not -(2**63) <= number < 2**63 or (kind == "epoch" and not EARLIEST < number < LATEST):
        raise Unreadable(f"{name} is no time" if kind == "epoch" else f"{name} is no whole number")
    return number


def iso_time(name: str, value: Any) -> str:
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise Unreadable(f"{name} is no time") from None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    if not EARLIEST < at.timestamp() < LATEST:
        raise Unreadable(f"{name} is no time")
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def check_times(table: Table, row: dict[str, Any]) -> None:
    """Nothing ends before it begins, and no duration that the help desk reports is negative."""
    created, updated = row.get("created_at"), row.get("updated_at")
    if created is not None and updated is not None and updated < created:
        raise Unreadable("ends before it begins")
    statistics = json.loads(row["statistics"]) if row.get("statistics") else None
    if isinstance(statistics, dict):
        for name, value in statistics.items():
            if name.startswith("time_to_") and isinstance(value, int) and value < 0:
                raise Unreadable(f"statistics.{name} is negative")
