"""A folder of exports (JSON lines), read as the help desks would hold them.

    zendesk/tickets.jsonl, ticket_comments, ticket_events, users, organizations, sla_policies, schedules, articles
    intercom/conversations.jsonl, contacts, companies, admins, teams      each file may be absent
    manifest.json                                                         may say the company's "clock"

Only an index is kept in memory: when a record changed, its id, and where its line stands. Lines are read when
a page is asked for. A file that was replaced or has grown is indexed anew at the next request.
"""

import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from fastapi import Request, Response

Record = dict[str, Any]

TABLES = (
    *(f"zendesk/{name}" for name in ("tickets", "ticket_comments", "ticket_events", "users", "organizations")),
    *(f"zendesk/{name}" for name in ("sla_policies", "schedules", "articles")),
    *(f"intercom/{name}" for name in ("conversations", "contacts", "companies", "admins", "teams")),
)
GROUPED = {"zendesk/ticket_comments": ("ticket_id", "audit_id")}
# The first of these that a record has says when it changed; Zendesk's exports go by the first two.
CHANGED_AT = ("generated_timestamp", "timestamp", "updated_at", "created_at")
EARLIEST, LATEST = (datetime(year, 1, 1, tzinfo=UTC).timestamp() for year in (1990, 2100))
NO_TIME = -1
LAST_MINUTE = 60  # seconds: what changed within them is not exported yet


class Place(NamedTuple):
    """Where a record stands in its file, and what it is sorted by: epoch seconds, then id ("" without one)."""

    at: int
    id: str
    offset: int
    length: int


class Event(NamedTuple):
    """A ticket event and the comments of the same audit; `line` is None when only the comments tell of it."""

    at: int
    id: str
    line: Place | None
    comments: tuple[Place, ...]


class UnknownCursor(ValueError):
    """A cursor that was not made here, or for another list."""


class Table:
    """One file: `places` of its records in order of change; `unreadable` counts the lines that are no JSON objects.

    `groups[field][value]` has the places of the records with this value, for each field in `group_by`.
    """

    def __init__(self, path: Path, group_by: tuple[str, ...] = ()) -> None:
        self.path, self.stamp, self.unreadable = path, stamp(path), 0
        self.last_search: tuple[str, list[Place]] = ("", [])  # its pages are asked for one after the other
        places: list[Place] = []
        values: dict[int, tuple[str, ...]] = {}
        for place, record in self._read():
            places.append(place)
            if group_by:
                values[place.offset] = tuple(as_text(record.get(field)) for field in group_by)
        # A record without a readable time is as old as the oldest: who asks for everything gets it too.
        oldest = min((place.at for place in places if place.at != NO_TIME), default=0)
        self.places = sorted((p._replace(at=oldest) if p.at == NO_TIME else p for p in places), key=order)
        self.groups: dict[str, dict[str, list[Place]]] = {field: {} for field in group_by}
        for place in self.places:
            for field, value in zip(group_by, values.get(place.offset, ()), strict=False):
                self.groups[field].setdefault(value, []).append(place)

    def _read(self) -> Iterator[tuple[Place, Record]]:
        if self.stamp is None:
            return
        offset = 0
        with self.path.open("rb") as file:
            for line in file:
                record = as_object(line)
                if record is not None:
                    yield Place(changed_at(record), as_text(record.get("id")), offset, len(line.rstrip())), record
                elif line.strip():
                    self.unreadable += 1
                offset += len(line)

    @cached_property
    def newest(self) -> dict[str, Place]:
        """The last state of each record, by id."""
        return {place.id: place for place in self.places}

    def lines(self, places: Sequence[Place]) -> Iterator[bytes]:
        """The records' lines as they stand in the file, in the order asked for."""
        if places:
            with self.path.open("rb") as file:
                for place in places:
                    file.seek(place.offset)
                    yield file.read(place.length)

    def line(self, record_id: str) -> bytes | None:
        """The last state of one record; None when there is no such record."""
        place = self.newest.get(record_id)
        return next(self.lines([place])) if place else None


class Exports:
    """Both help desks: `table("zendesk/tickets")` and so on, `events()`, and the company's `now`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._tables: dict[str, Table] = {}
        self._events: tuple[Table, Table, list[Event]] | None = None

    def table(self, name: str) -> Table:
        """One of TABLES as its file is now; without records when there is no file."""
        path = self.folder / f"{name}.jsonl"
        table = self._tables.get(name)
        if table is None or table.stamp != stamp(path):
            table = self._tables[name] = Table(path, GROUPED.get(name, ()))
        return table

    @property
    def unreadable(self) -> dict[str, int]:
        """How many lines of a file are no JSON objects, for the files that have some."""
        counts = {name: self.table(name).unreadable for name in TABLES}
        return {name: count for name, count in counts.items() if count}

    def events(self) -> list[Event]:
        """The ticket events with their comments, in order of time."""
        events, comments = self.table("zendesk/ticket_events"), self.table("zendesk/ticket_comments")
        if self._events is None or self._events[:2] != (events, comments):
            self._events = (events, comments, with_comments(events, comments))
        return self._events[2]

    @property
    def now(self) -> int:
        """Epoch seconds, a minute after the manifest's clock or, without one, after the newest record.

        A minute, because the exports hold back what is newer than that.
        """
        manifest = self.folder / "manifest.json"
        says = as_object(manifest.read_bytes()) if manifest.is_file() else None
        if says and (clock := moment(says.get("clock"))):
            return clock + LAST_MINUTE
        newest = max((places[-1].at for name in TABLES if (places := self.table(name).places)), default=0)
        return newest + LAST_MINUTE if newest else int(time.time())


def with_comments(events: Table, comments: Table) -> list[Event]:
    """Comments join the event with the id of their audit; where there is none, they are an event of their own."""
    of_audit = dict(comments.groups["audit_id"])
    merged = [Event(place.at, place.id, None, (place,)) for place in of_audit.pop("", [])]
    merged += [Event(place.at, place.id, place, tuple(of_audit.pop(place.id, ()))) for place in events.places]
    merged += [Event(places[0].at, audit_id, None, tuple(places)) for audit_id, places in of_audit.items()]
    return sorted(merged, key=order)


def order(item: Place | Event) -> tuple[int, int, str]:
    """The sort key of every list: time, then id, where shorter numbers are smaller."""
    return item.at, len(item.id), item.id


def cursor_of(kind: str, items: Sequence[Place | Event], position: int) -> str:
    """An opaque cursor for the item at `position` of the list `kind`.

    It holds the item's sort key, so records that are added later do not move it; items with the same key are counted.
    """
    item = items[position]
    nth = position - bisect_left(items, order(item), key=order)
    return urlsafe_b64encode(f"{kind}|{item.at}|{nth}|{item.id}".encode()).decode()


def after(kind: str, items: Sequence[Place | Event], cursor: str) -> int:
    """The position behind a cursor, also when its item is no longer there. Raises UnknownCursor."""
    try:
        made_for, at, nth, item_id = urlsafe_b64decode(cursor).decode().split("|", 3)
        key, behind = (int(at), len(item_id), item_id), int(nth) + 1
    except ValueError:
        raise UnknownCursor(cursor) from None
    if made_for != kind or behind < 1:
        raise UnknownCursor(cursor)
    return min(bisect_left(items, key, key=order) + behind, bisect_right(items, key, key=order))


def stamp(path: Path) -> tuple[int, int, int] | None:
    """What changes when a file is written or replaced; None for no file."""
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_mtime_ns, state.st_size, state.st_ino


def as_object(line: bytes) -> Record | None:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None


def as_text(value: object) -> str:
    """Ids as text, because paths and cursors are text: 17 and "17" are the same."""
    return "" if value is None else str(value)


def changed_at(record: Record) -> int:
    return next((at for name in CHANGED_AT if (at := moment(record.get(name))) is not None), NO_TIME)


def moment(value: object) -> int | None:
    """Epoch seconds of an ISO time or of epoch seconds; None for what is neither, or not between 1990 and 2100."""
    if isinstance(value, str):
        try:
            at = datetime.fromisoformat(value)
            value = (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError):
            return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not EARLIEST < value < LATEST:
        return None
    return int(value)


def exports_of(request: Request) -> Exports:
    """What the app that got this request serves."""
    exports: Exports = request.app.state.exports
    return exports


def answer_list(name: str, lines: Iterable[bytes], envelope: Record) -> Response:
    """A page: records under `name`, as the bytes that they are, and the rest of the envelope."""
    body = b'{"%s":[%s],%s' % (name.encode(), b",".join(lines), orjson.dumps(envelope)[1:])
    return Response(body, media_type="application/json")
