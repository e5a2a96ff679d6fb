"""Zendesk's endpoints, as far as an extract needs them. Shapes: Zendesk Support and Help Center API references.

Two ways to export what changed: tickets and users go by cursor; ticket events and organizations go by time,
where the next page starts at `end_time` and therefore repeats the records of that second. The help centre's
articles go by time in a way of their own: what changed after `start_time`, and no `end_of_stream`.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal, TypeVar

import orjson
from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response

from sample_data.exports import (
    LAST_MINUTE,
    Event,
    Exports,
    Place,
    Record,
    UnknownCursor,
    after,
    answer_list,
    as_text,
    cursor_of,
    exports_of,
)

Item = TypeVar("Item", Place, Event)

ERRORS = {
    400: "InvalidValue",
    401: "Couldn't authenticate you",
    404: "RecordNotFound",
    422: "InvalidValue",
    429: "APIRateLimitExceeded",
}

router = APIRouter(prefix="/api/v2")
Desk = Annotated[Exports, Depends(exports_of)]
PerPage = Annotated[int, Query(ge=1, le=1000)]


def error(status: int, description: str) -> Record:
    """The body of an error as Zendesk words it."""
    return {"error": ERRORS.get(status, "InternalError"), "description": description}


@router.get("/incremental/{name}/cursor.json")
async def incremental_by_cursor(
    request: Request,
    desk: Desk,
    name: Literal["tickets", "users"],
    start_time: int | None = None,
    cursor: str | None = None,
    per_page: PerPage = 1000,
) -> Response:
    """Tickets or users in the order in which they changed. A first page without records has no cursor."""
    table = desk.table(f"zendesk/{name}")
    items = exported(desk, table.places)
    if cursor is not None:
        first = position_behind(name, items, cursor)
    elif start_time is not None:
        first = position_from(desk, items, start_time)
    else:
        raise HTTPException(400, "Give start_time, or the cursor of an earlier page")
    page = items[first : first + per_page]
    if page:
        cursor = cursor_of(name, items, first + len(page) - 1)
    url = request.url.remove_query_params("start_time").include_query_params(cursor=cursor)
    envelope = {
        "after_cursor": cursor,
        "after_url": str(url) if cursor else None,
        "before_cursor": None,
        "before_url": None,
        "end_of_stream": first + len(page) == len(items),
    }
    return answer_list(name, table.lines(page), envelope)


@router.get("/incremental/ticket_events.json")
async def incremental_ticket_events(
    request: Request, desk: Desk, start_time: int, include: str = "", per_page: PerPage = 1000
) -> Response:
    """Ticket events by time; their comments have a text only with `include=comment_events`."""
    items = exported(desk, desk.events())
    page = whole_seconds(items, position_from(desk, items, start_time), per_page)
    lines = event_lines(desk, items[page], "comment_events" in include.split(","))
    return answer_list("ticket_events", lines, time_envelope(request, items, page))


@router.get("/incremental/organizations.json")
async def incremental_organizations(
    request: Request, desk: Desk, start_time: int, per_page: PerPage = 1000
) -> Response:
    """Organizations by time."""
    table = desk.table("zendesk/organizations")
    items = exported(desk, table.places)
    page = whole_seconds(items, position_from(desk, items, start_time), per_page)
    return answer_list("organizations", table.lines(items[page]), time_envelope(request, items, page))


@router.get("/help_center/incremental/articles")
async def incremental_articles(request: Request, desk: Desk, start_time: int, per_page: PerPage = 1000) -> Response:
    """Articles of the help centre that changed after `start_time`; the last page has no `next_page`.

    An empty page says that it ends at 1, as Zendesk's does: whoever goes on from there begins anew.
    """
    table = desk.table("zendesk/articles")
    items = table.places
    first = bisect_right(items, start_time, key=at)
    stop = min(first + per_page, len(items))
    if stop < len(items):  # never in the middle of a second, whose rest would be skipped
        stop = bisect_right(items, items[stop - 1].at, key=at)
    end_time = items[stop - 1].at if stop > first else 1
    following = str(request.url.include_query_params(start_time=end_time)) if stop < len(items) else None
    envelope = {"count": stop - first, "end_time": end_time, "next_page": following}
    return answer_list("articles", table.lines(items[first:stop]), envelope)


@router.get("/tickets/{ticket_id}/comments.json")
async def ticket_comments(
    request: Request,
    desk: Desk,
    ticket_id: str,
    size: Annotated[int, Query(alias="page[size]", ge=1, le=100)] = 100,
    cursor: Annotated[str | None, Query(alias="page[after]")] = None,
) -> Response:
    """The comments of one ticket, oldest first. They have no `ticket_id`; a deleted ticket has none at all."""
    kept_ticket(desk, ticket_id)
    table = desk.table("zendesk/ticket_comments")
    items, kind = table.groups["ticket_id"].get(ticket_id, []), f"comments of {ticket_id}"
    first = position_behind(kind, items, cursor) if cursor is not None else 0
    page = items[first : first + size]
    has_more = first + len(page) < len(items)
    if page:
        cursor = cursor_of(kind, items, first + len(page) - 1)
    following = request.url.include_query_params(**{"page[size]": size, "page[after]": cursor})
    envelope = {
        "meta": {"has_more": has_more, "after_cursor": cursor, "before_cursor": None},
        "links": {"prev": None, "next": str(following) if has_more else None},
    }
    return answer_list("comments", (orjson.dumps(without(line, "ticket_id")) for line in table.lines(page)), envelope)


@router.get("/tickets/{ticket_id}.json")
async def show_ticket(desk: Desk, ticket_id: str) -> Response:
    return Response(b'{"ticket":%s}' % kept_ticket(desk, ticket_id), media_type="application/json")


@router.get("/users/{user_id}.json")
async def show_user(desk: Desk, user_id: str) -> Response:
    return Response(b'{"user":%s}' % one(desk, "users", user_id), media_type="application/json")


@router.get("/slas/policies.json")
async def sla_policies(desk: Desk) -> Response:
    table = desk.table("zendesk/sla_policies")
    envelope = {"count": len(table.places), "next_page": None, "previous_page": None}
    return answer_list("sla_policies", table.lines(table.places), envelope)


@router.get("/business_hours/schedules.json")
async def schedules(request: Request, desk: Desk) -> Response:
    """Every schedule, without its holidays."""
    table = desk.table("zendesk/schedules")
    lines = (orjson.dumps(without(line, "holidays")) for line in table.lines(table.places))
    return answer_list("schedules", lines, {"url": str(request.url)})


@router.get("/business_hours/schedules/{schedule_id}/holidays.json")
async def holidays(request: Request, desk: Desk, schedule_id: str) -> Response:
    """The holidays of one schedule."""
    found = orjson.loads(one(desk, "schedules", schedule_id)).get("holidays")
    lines = (orjson.dumps(holiday) for holiday in (found if isinstance(found, list) else []))
    return answer_list("holidays", lines, {"url": str(request.url)})


def one(desk: Exports, name: str, record_id: str) -> bytes:
    """The line of one record. Raises 404."""
    line = desk.table(f"zendesk/{name}").line(record_id)
    if line is None:
        raise HTTPException(404, "Not found")
    return line


def kept_ticket(desk: Exports, ticket_id: str) -> bytes:
    """The line of a ticket. Raises 404, also for a deleted one: only the exports still have it."""
    line = one(desk, "tickets", ticket_id)
    if orjson.loads(line).get("status") == "deleted":
        raise HTTPException(404, "Not found")
    return line


def exported(desk: Exports, items: list[Item]) -> list[Item]:
    """All but what changed within the last minute."""
    return items[: bisect_right(items, desk.now - LAST_MINUTE, key=at)]


def at(item: Place | Event) -> int:
    return item.at


def position_from(desk: Exports, items: Sequence[Place | Event], start_time: int) -> int:
    """The position of the first item that changed at `start_time` or later. Raises 422 within the last minute."""
    if start_time > desk.now - LAST_MINUTE:
        raise HTTPException(422, "Too recent start_time. Use a start_time older than 60 seconds")
    return bisect_left(items, start_time, key=at)


def position_behind(kind: str, items: Sequence[Place | Event], cursor: str) -> int:
    """The position behind a cursor. Raises 400 for one that was not made for this list."""
    try:
        return after(kind, items, cursor)
    except UnknownCursor:
        raise HTTPException(400, "The cursor is not valid here") from None


def whole_seconds(items: Sequence[Place | Event], first: int, per_page: int) -> slice:
    """The page from `first` on, with all items of its last second: the next page starts with this second again."""
    stop = min(first + per_page, len(items))
    if stop < len(items):
        stop = bisect_right(items, items[stop - 1].at, key=at)
    if stop < len(items) and items[first].at == items[stop - 1].at:
        # One second fills the page. Without one more, the next page would be the same, for ever.
        stop = bisect_right(items, items[stop].at, key=at)
    return slice(first, stop)


def time_envelope(request: Request, items: Sequence[Place | Event], page: slice) -> Record:
    """What a page by time says besides its items. An empty one has neither `end_time` nor `next_page`."""
    count = page.stop - page.start
    end_time = items[page.stop - 1].at if count else None
    next_page = request.url.include_query_params(start_time=end_time)
    return {
        "count": count,
        "end_time": end_time,
        "next_page": str(next_page) if count else None,
        "end_of_stream": page.stop == len(items),
    }


def event_lines(desk: Exports, page: Sequence[Event], include_comments: bool) -> Iterator[bytes]:
    """The JSON of ticket events, with their comments among the child events."""
    lines = desk.table("zendesk/ticket_events").lines([event.line for event in page if event.line])
    comments = desk.table("zendesk/ticket_comments").lines([place for event in page for place in event.comments])
    for event in page:
        own = [orjson.loads(next(comments)) for _ in event.comments]
        record: Record = orjson.loads(next(lines)) if event.line else event_of(event, own[0])
        children = record.get("child_events")
        children = children if isinstance(children, list) else []
        known = {as_text(child.get("id")) for child in children if isinstance(child, dict)}
        children += [comment_event(comment) for comment in own if as_text(comment.get("id")) not in known]
        record["child_events"] = children if include_comments else [without_text(child) for child in children]
        yield orjson.dumps(record)


def event_of(event: Event, comment: Record) -> Record:
    """The event that a comment without one implies; what the comment does not have is left out."""
    fields = {"ticket_id": "ticket_id", "created_at": "created_at", "updater_id": "author_id", "via": "via"}
    told = {name: comment[field] for name, field in fields.items() if field in comment}
    event_id = comment["id"] if comment.get("audit_id") is None else comment["audit_id"]
    return {"id": event_id, "timestamp": event.at, "event_type": "Audit", **told}


def without(line: bytes, name: str) -> Record:
    """The record of a line without a field that the list in question does not have."""
    record: Record = orjson.loads(line)
    record.pop(name, None)
    return record


def comment_event(comment: Record) -> Record:
    return {**{name: value for name, value in comment.items() if name != "ticket_id"}, "event_type": "Comment"}


def without_text(child: Any) -> Any:
    """A child event without the side-load: of a comment only that it is there, and whether it is public."""
    if not isinstance(child, dict) or child.get("event_type") != "Comment":
        return child
    told = {name: child[name] for name in ("id", "event_type") if name in child}
    return {**told, "comment_present": True, "comment_public": child.get("public", True)}
