"""Intercom's endpoints (API 2.14), as far as an extract needs them: lists, searches, one conversation with its parts.

Lists and searches are the same thing here: a list is a search for everything. Both go on from a cursor, newest
change first unless asked otherwise. The scroll over companies never expires, so that a page can be asked for twice.
"""

import html
import re
from collections.abc import Iterator, Mapping
from itertools import repeat
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from pydantic import BaseModel, Field

from sample_data.exports import (
    Exports,
    Place,
    Record,
    Table,
    UnknownCursor,
    after,
    answer_list,
    cursor_of,
    exports_of,
    moment,
    order,
)

Desk = Annotated[Exports, Depends(exports_of)]
PerPage = Annotated[int, Query(ge=1, le=150)]
MOST_PARTS = 500
SCROLLED = 100  # companies on a page of the scroll
ERRORS = {400: "parameter_invalid", 401: "unauthorized", 404: "not_found", 429: "rate_limit_exceeded"}
CONVERSATION_FIELDS: dict[str, type] = {"id": str, "created_at": int, "updated_at": int, "state": str, "open": bool}
CONTACT_FIELDS: dict[str, type] = {"id": str, "created_at": int, "updated_at": int, "email": str, "external_id": str}

router = APIRouter()


class Filter(BaseModel):
    """One condition: `value` has the type of the field, or is a list of such values for IN."""

    field: str
    operator: Literal["=", "!=", ">", "<", "IN"]
    value: Any


class Group(BaseModel):
    """Conditions that must all hold, or one of them."""

    operator: Literal["AND", "OR"]
    value: list["Filter | Group"] = Field(max_length=15)


class Pagination(BaseModel):
    per_page: Annotated[int | None, Field(ge=1, le=150)] = None
    starting_after: str | None = None


class Sort(BaseModel):
    field: Literal["created_at", "updated_at"] = "updated_at"
    order: Literal["ascending", "descending"] = "descending"


class Search(BaseModel):
    """The body of a search."""

    query: Filter | Group
    pagination: Pagination = Pagination()
    sort: Sort = Sort()


def error(status: int, message: str) -> Record:
    """The body of an error as Intercom words it."""
    return {"type": "error.list", "errors": [{"code": ERRORS.get(status, "server_error"), "message": message}]}


@router.get("/conversations")
async def list_conversations(desk: Desk, per_page: PerPage = 20, starting_after: str | None = None) -> Response:
    return conversations(desk, None, Sort(), Pagination(per_page=per_page, starting_after=starting_after))


@router.post("/conversations/search")
async def search_conversations(desk: Desk, search: Search) -> Response:
    return conversations(desk, search.query, search.sort, search.pagination)


def conversations(desk: Exports, query: Filter | Group | None, sort: Sort, pagination: Pagination) -> Response:
    table = desk.table("intercom/conversations")
    page = Page(table, found(table, query, sort, CONVERSATION_FIELDS), pagination, default=20)
    lines = (orjson.dumps(without_parts(line)) for line in page.lines)
    return answer_list("conversations", lines, {"type": "conversation.list", **page.envelope})


@router.get("/conversations/{conversation_id}")
async def show_conversation(desk: Desk, conversation_id: str, display_as: str = "html") -> Response:
    """One conversation with its newest parts, its texts as HTML or plain."""
    line = one(desk, "conversations", conversation_id)
    # Every part has a brace: with few braces there are few parts, and the line can go out unread.
    if display_as == "plaintext" or line.count(b"{") > MOST_PARTS:
        line = orjson.dumps(shown(orjson.loads(line), display_as == "plaintext"))
    return Response(line, media_type="application/json")


@router.get("/contacts")
async def list_contacts(desk: Desk, per_page: PerPage = 50, starting_after: str | None = None) -> Response:
    return contacts(desk, None, Sort(), Pagination(per_page=per_page, starting_after=starting_after))


@router.post("/contacts/search")
async def search_contacts(desk: Desk, search: Search) -> Response:
    return contacts(desk, search.query, search.sort, search.pagination)


def contacts(desk: Exports, query: Filter | Group | None, sort: Sort, pagination: Pagination) -> Response:
    table = desk.table("intercom/contacts")
    page = Page(table, found(table, query, sort, CONTACT_FIELDS), pagination, default=50)
    return answer_list("data", page.lines, {"type": "list", **page.envelope})


@router.get("/contacts/{contact_id}")
async def show_contact(desk: Desk, contact_id: str) -> Response:
    return Response(one(desk, "contacts", contact_id), media_type="application/json")


@router.get("/companies/scroll")
async def scroll_companies(desk: Desk, scroll_param: str | None = None) -> Response:
    """All companies, a hundred at a time; the last page is empty."""
    table = desk.table("intercom/companies")
    first = position_behind("scroll", table.places, scroll_param)
    page = table.places[first : first + SCROLLED]
    following = cursor_of("scroll", table.places, first + len(page) - 1) if page else scroll_param
    envelope = {"type": "list", "pages": None, "total_count": len(table.places), "scroll_param": following}
    return answer_list("data", table.lines(page), envelope)


@router.get("/companies")
async def list_companies(
    request: Request, desk: Desk, page: Annotated[int, Query(ge=1, le=10_000)] = 1, per_page: PerPage = 15
) -> Response:
    """Companies page by page; `pages.next` is the address of the next one."""
    table = desk.table("intercom/companies")
    total_pages = -(-len(table.places) // per_page)
    following = str(request.url.include_query_params(page=page + 1)) if page < total_pages else None
    pages = {"type": "pages", "page": page, "per_page": per_page, "total_pages": total_pages, "next": following}
    lines = table.lines(table.places[(page - 1) * per_page : page * per_page])
    return answer_list("data", lines, {"type": "list", "total_count": len(table.places), "pages": pages})


@router.get("/admins")
async def list_admins(desk: Desk) -> Response:
    table = desk.table("intercom/admins")
    return answer_list("admins", table.lines(table.places), {"type": "admin.list"})


@router.get("/teams")
async def list_teams(desk: Desk) -> Response:
    table = desk.table("intercom/teams")
    return answer_list("teams", table.lines(table.places), {"type": "team.list"})


class Page:
    """The `lines` of one page of `items`, and its `envelope`: total_count, and pages, the last one without `next`."""

    def __init__(self, table: Table, items: list[Place], pagination: Pagination, default: int) -> None:
        per_page, kind = pagination.per_page or default, table.path.stem
        first = position_behind(kind, items, pagination.starting_after)
        places = items[first : first + per_page]
        pages: Record = {"type": "pages", "page": first // per_page + 1, "per_page": per_page}
        pages["total_pages"] = -(-len(items) // per_page)
        if first + len(places) < len(items):
            cursor = cursor_of(kind, items, first + len(places) - 1)
            pages["next"] = {"per_page": per_page, "starting_after": cursor}
        self.lines = table.lines(places)
        self.envelope = {"total_count": len(items), "pages": pages}


def position_behind(kind: str, items: list[Place], cursor: str | None) -> int:
    """The position behind a cursor, the first one without. Raises 400 for one that was not made for this list."""
    try:
        return after(kind, items, cursor) if cursor else 0
    except UnknownCursor:
        raise HTTPException(400, "The cursor is not valid here") from None


def one(desk: Exports, name: str, record_id: str) -> bytes:
    """The line of one record. Raises 404."""
    line = desk.table(f"intercom/{name}").line(record_id)
    if line is None:
        raise HTTPException(404, "Resource Not Found")
    return line


def found(table: Table, query: Filter | Group | None, sort: Sort, fields: Mapping[str, type]) -> list[Place]:
    """The places of the records that a query finds, sorted. `at` is what they are sorted by, negative if descending."""
    asked = fields_of(query, fields)
    key = f"{query!r} {sort!r}"
    if table.last_search[0] != key:
        table.last_search = (key, sorted(matching(table, query, sort, asked | {sort.field}), key=order))
    return table.last_search[1]


def matching(table: Table, query: Filter | Group | None, sort: Sort, asked: set[str]) -> Iterator[Place]:
    sign = 1 if sort.order == "ascending" else -1
    in_index = asked <= {"id", "updated_at"}
    lines = repeat(b"{}") if in_index else table.lines(table.places)
    for place, line in zip(table.places, lines, strict=False):
        record = orjson.loads(line)
        created_at = moment(record.get("created_at"))
        record |= {"id": place.id, "updated_at": place.at, "created_at": place.at if created_at is None else created_at}
        if query is None or holds(query, record):
            yield place._replace(at=sign * record[sort.field])


def fields_of(query: Filter | Group | None, fields: Mapping[str, type], depth: int = 0) -> set[str]:
    """The fields that a query asks about. Raises 400 for what cannot be asked."""
    if query is None:
        return set()
    if isinstance(query, Group):
        if depth == 2:
            raise HTTPException(400, "A query can be nested twice at most")
        return {field for part in query.value for field in fields_of(part, fields, depth + 1)}
    kind = fields.get(query.field)
    if kind is None:
        raise HTTPException(400, f"{query.field} is not a field to search by; there are {', '.join(fields)}")
    if query.operator in "<>" and kind is not int:
        raise HTTPException(400, f"{query.operator} is for times, {query.field} is none")
    values = query.value if query.operator == "IN" else [query.value]
    may_be_null = query.operator in ("=", "!=")
    if not isinstance(values, list) or not all(type(v) is kind or (v is None and may_be_null) for v in values):
        raise HTTPException(400, f"The value for {query.field} {query.operator} has the wrong type")
    return {query.field}


def holds(query: Filter | Group, record: Record) -> bool:
    """Whether a record fulfils a query. `>` and `<` leave equal values out."""
    if isinstance(query, Group):
        return (all if query.operator == "AND" else any)(holds(part, record) for part in query.value)
    value = record.get(query.field)
    match query.operator:
        case "=":
            return bool(value == query.value)
        case "!=":
            return bool(value != query.value)
        case ">":
            return bool(value > query.value)
        case "<":
            return bool(value < query.value)
        case "IN":
            return value in query.value


def without_parts(line: bytes) -> Record:
    conversation: Record = orjson.loads(line)
    conversation.pop("conversation_parts", None)
    return conversation


def shown(conversation: Record, as_text: bool) -> Record:
    """A conversation with its 500 newest parts (`total_count` counts all), and its texts without HTML if asked."""
    parts = conversation.get("conversation_parts")
    texts = [conversation.get("source")]
    if isinstance(parts, dict) and isinstance(parts.get("conversation_parts"), list):
        by_time = sorted(parts["conversation_parts"], key=created_at)  # stable: equal times stay as they are
        parts["conversation_parts"] = by_time[-MOST_PARTS:]
        texts += parts["conversation_parts"]
    for text in texts:
        if as_text and isinstance(text, dict) and isinstance(text.get("body"), str):
            text["body"] = plain(text["body"])
    return conversation


def created_at(part: Any) -> int:
    return (moment(part.get("created_at")) if isinstance(part, dict) else None) or 0


def plain(body: str) -> str:
    """HTML as text: paragraphs and line breaks become lines, other tags go, entities become characters."""
    body = re.sub(r"</p>\s*<p[^<>]*>", "\n\n", body)
    body = re.sub(r"<br\s*/?>", "\n", body)
    return html.unescape(re.sub(r"</?[a-zA-Z][^<>]*>", "", body))
