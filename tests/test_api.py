"""The simulated help desks: every record arrives whatever the page size, and what goes wrong is what was ordered."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import jsonschema
import pytest
from conftest import ROOT
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from referencing import Registry, Resource
from starlette.testclient import TestClient

from lab.errors import ConfigError, MissingStep
from lab.settings import Settings
from sample_data.api import DEMO, Limit, Window, create_app
from sample_data.exports import LAST_MINUTE, TABLES, Exports, moment
from sample_data.mess import planted
from sample_data.misbehave import FAULTS, Misbehaviour
from sample_data.serve import Served, serve, served

Record = dict[str, Any]
NOW = 1_780_000_000
MOST_PAGES = 200  # more than any test needs
MANY = Limit(1_000_000, 60)
LIGHT = hypothesis_settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
ZENDESK = httpx.BasicAuth(f"{DEMO.zendesk_email}/token", DEMO.zendesk_token)
INTERCOM = {"Authorization": f"Bearer {DEMO.intercom_token}"}
EXPORT = "/api/v2/incremental/tickets/cursor.json?start_time=0"
EVENTS = "/api/v2/incremental/ticket_events.json?start_time=0"
ARTICLES = "/api/v2/help_center/incremental/articles"


def iso(at: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))


def write(folder: Path, tables: dict[str, list[Record]], now: int | None = NOW) -> Path:
    """A folder of exports that holds these records, and nothing of an earlier call.

    The help desks' `now` is a minute after the clock of the manifest, which is not written for None.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, records in tables.items():
        path = folder / f"{name}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    if now is not None:
        (folder / "manifest.json").write_text(json.dumps({"clock": iso(now - LAST_MINUTE)}))
    return folder


def client(folder: Path) -> Callable[..., Any]:
    """Ask the help desks of `folder` without a network: `ask(url)`, or `ask(url, body)` for a search."""
    app = TestClient(create_app(Exports(folder), zendesk_limit=MANY, intercom_limit=MANY))

    def ask(url: str, body: Any = None, status: int = 200) -> Any:
        parts = urlsplit(url)  # the addresses of next pages name the server
        path = parts.path + ("?" + parts.query if parts.query else "")
        desk = ZENDESK_HEADERS if path.startswith("/api/v2/") else INTERCOM
        answer = app.get(path, headers=desk) if body is None else app.post(path, json=body, headers=desk)
        assert answer.status_code == status, answer.text
        return answer.json()

    return ask


ZENDESK_HEADERS = {"Authorization": next(ZENDESK.auth_flow(httpx.Request("GET", "http://x"))).headers["Authorization"]}


def by_cursor(ask: Callable[..., Any], url: str, name: str) -> Iterator[Record]:
    """All records of an export by cursor, page after page."""
    for _ in range(MOST_PAGES):
        page = ask(url)
        yield from page[name]
        if page["end_of_stream"]:
            return
        url = page["after_url"]
    pytest.fail("the export does not end")


def by_time(ask: Callable[..., Any], url: str, name: str) -> Iterator[list[Record]]:
    """The pages of an export by time."""
    for _ in range(MOST_PAGES):
        page = ask(url)
        yield page[name]
        if page["end_of_stream"]:
            return
        assert dict(parse_qsl(urlsplit(page["next_page"]).query))["start_time"] == str(page["end_time"])
        url = page["next_page"]
    pytest.fail("the export does not end")


def by_page(ask: Callable[..., Any], url: str, name: str, size: int, search: Record | None = None) -> list[Record]:
    """All records of an Intercom list or search."""
    records: list[Record] = []
    paging: Record = {"per_page": size}
    while paging and len(records) < MOST_PAGES:
        if search is None:
            page = ask(f"{url}?{httpx.QueryParams(paging)}")
        else:
            page = ask(url, {**search, "pagination": paging})
        records += page[name]
        paging = page["pages"].get("next")
    assert len(records) == page["total_count"]
    return records


# --- every record comes, in order ---

few_times = st.integers(NOW - 300, NOW + 10)
odd_times = st.one_of(
    few_times, st.sampled_from(["last Tuesday", None, -5, 1e300, True, [], "0001-01-01T00:00:00+23:00"])
)
tickets = st.lists(
    st.fixed_dictionaries(
        {}, optional={"id": st.integers(1, 12), "generated_timestamp": odd_times, "updated_at": odd_times}
    ),
    max_size=25,
)


@LIGHT
@given(records=tickets, size=st.integers(1, 12))
def test_every_ticket_comes_once_by_cursor(tmp_path: Path, records: list[Record], size: int) -> None:
    """Whatever the page size, an export has each line of the file once, by time; only the last minute is missing."""
    numbered = [{**record, "line": line} for line, record in enumerate(records)]
    ask = client(write(tmp_path / "desk", {"zendesk/tickets": numbered}))
    got = list(by_cursor(ask, f"{EXPORT}&per_page={size}", "tickets"))
    times = {r["line"]: moment(r.get("generated_timestamp")) or moment(r.get("updated_at")) for r in numbered}
    oldest = min((at for at in times.values() if at), default=0)
    keys = {line: at or oldest for line, at in times.items()}
    expected = sorted(
        (r for r in numbered if keys[r["line"]] <= NOW - 60),
        key=lambda r: (keys[r["line"]], r.get("id", 0), r["line"]),
    )
    assert got == expected


@LIGHT
@given(
    events=st.lists(st.tuples(st.integers(1, 9), few_times), max_size=15, unique_by=lambda event: event[0]),
    comments=st.lists(st.tuples(st.none() | st.integers(1, 14), few_times), max_size=15),
    size=st.integers(1, 12),
)
def test_every_event_and_comment_comes_by_time(tmp_path: Path, events: Any, comments: Any, size: int) -> None:
    """Whatever the page size: every event at least once and in order, every comment in exactly one of them."""
    lines = [{"id": n, "ticket_id": 1, "timestamp": at, "child_events": []} for n, at in events]
    texts = [
        {"id": 100 + n, "ticket_id": 1, "audit_id": a, "created_at": iso(at)} for n, (a, at) in enumerate(comments)
    ]
    ask = client(write(tmp_path / "desk", {"zendesk/ticket_events": lines, "zendesk/ticket_comments": texts}))
    pages = list(by_time(ask, f"{EVENTS}&include=comment_events&per_page={size}", "ticket_events"))
    got: dict[int, Record] = {}
    for page in pages:
        assert [event["timestamp"] for event in page] == sorted(event["timestamp"] for event in page)
        got |= {event["id"]: event for event in page}
    for before, behind in pairwise(pages):
        assert before[-1]["timestamp"] == behind[0]["timestamp"]
    event_at: dict[int, int] = dict(events)
    event_of = {text["id"]: text["audit_id"] or text["id"] for text in texts}
    for text, (_, at) in zip(texts, comments, strict=True):
        if text["audit_id"] not in dict(events):
            event_at[event_of[text["id"]]] = min(at, event_at.get(event_of[text["id"]], at))
    assert set(got) == {n for n, at in event_at.items() if at <= NOW - 60}
    children = {child["id"]: event["id"] for event in got.values() for child in event["child_events"]}
    assert children == {text: event for text, event in event_of.items() if event in got}
    assert len(children) == sum(len(event["child_events"]) for event in got.values())


@LIGHT
@given(
    times=st.lists(st.tuples(st.integers(1, 12), few_times, few_times), max_size=20),
    size=st.integers(1, 12),
    field=st.sampled_from(["created_at", "updated_at"]),
    ascending=st.booleans(),
)
def test_every_conversation_comes_once(tmp_path: Path, times: Any, size: int, field: str, ascending: bool) -> None:
    """Lists and searches have each conversation once, in the order asked for, whatever the page size."""
    records = [
        {"id": str(n), "created_at": created, "updated_at": updated, "line": line}
        for line, (n, created, updated) in enumerate(times)
    ]
    ask = client(write(tmp_path / "desk", {"intercom/conversations": records}))
    search = {
        "query": {"field": "updated_at", "operator": ">", "value": 0},
        "sort": {"field": field, "order": "ascending" if ascending else "descending"},
    }
    searched = by_page(ask, "/conversations/search", "conversations", size, search)
    listed = by_page(ask, "/conversations", "conversations", size)
    for got, by, sign in ((searched, field, 1 if ascending else -1), (listed, "updated_at", -1)):
        assert sorted(record["line"] for record in got) == list(range(len(records)))
        keys = [(sign * record[by], int(record["id"])) for record in got]
        assert keys == sorted(keys)


@LIGHT
@given(count=st.integers(0, 60), size=st.integers(1, 30))
def test_comments_of_a_ticket_come_page_by_page(tmp_path: Path, count: int, size: int) -> None:
    """All comments of the ticket, none of another, oldest first, without the field `ticket_id`."""
    comments = [{"id": n, "ticket_id": 7 + n % 2, "created_at": iso(NOW - n)} for n in range(1, count + 1)]
    folder = write(tmp_path / "desk", {"zendesk/tickets": [{"id": 7}], "zendesk/ticket_comments": comments})
    ask, url, got = client(folder), f"/api/v2/tickets/7/comments.json?page[size]={size}", []
    while url:
        page = ask(url)
        got += page["comments"]
        url = page["links"]["next"]
        assert page["meta"]["has_more"] == bool(url)
    assert got == [{k: v for k, v in c.items() if k != "ticket_id"} for c in reversed(comments) if c["ticket_id"] == 7]


@pytest.mark.parametrize("count", [0, 1, 100, 230])
def test_companies_come_by_scroll_and_by_page(tmp_path: Path, count: int) -> None:
    """The scroll ends with an empty page, the pages end with the last one; both have every company once."""
    companies = [{"id": f"{n:024x}", "updated_at": NOW} for n in range(count)]
    ask = client(write(tmp_path / "desk", {"intercom/companies": companies}))
    scrolled, page = [], ask("/companies/scroll")
    while page["data"]:
        scrolled += page["data"]
        page = ask(f"/companies/scroll?scroll_param={page['scroll_param']}")
    assert scrolled == companies
    listed, url = [], "/companies?per_page=60"
    while url:
        page = ask(url)
        listed += page["data"]
        url = page["pages"]["next"]
    assert listed == companies


def test_organizations_and_users_come_too(tmp_path: Path) -> None:
    """Organizations by time, users by cursor, from the start time on."""
    records = [{"id": n, "updated_at": iso(NOW - 1000 + n)} for n in range(1, 9)]
    ask = client(write(tmp_path / "desk", {"zendesk/organizations": records, "zendesk/users": records}))
    url = f"/api/v2/incremental/organizations.json?start_time={NOW - 997}&per_page=2"
    pages = list(by_time(ask, url, "organizations"))
    assert [[r["id"] for r in page] for page in pages] == [[3, 4], [4, 5], [5, 6], [6, 7], [7, 8]]
    url = f"/api/v2/incremental/users/cursor.json?start_time={NOW - 997}&per_page=4"
    assert [r["id"] for r in by_cursor(ask, url, "users")] == [3, 4, 5, 6, 7, 8]


@LIGHT
@given(times=st.lists(few_times, max_size=20), size=st.integers(1, 6), start=few_times | st.just(0))
def test_every_article_comes_once_by_time(tmp_path: Path, times: list[int], size: int, start: int) -> None:
    """What changed after the start time, oldest first; no page ends within a second, the last one has no next page."""
    records = [{"id": n, "updated_at": iso(at)} for n, at in enumerate(times, start=1)]
    ask = client(write(tmp_path / "desk", {"zendesk/articles": records}))
    pages: list[Record] = []
    url = f"{ARTICLES}?start_time={start}&per_page={size}"
    while url:
        pages.append(ask(url))
        assert len(pages) <= len(times) + 1
        assert pages[-1]["count"] == len(pages[-1]["articles"])
        url = pages[-1]["next_page"]
    got = [record for page in pages for record in page["articles"]]
    assert got == sorted(
        (r for r in records if moment(r["updated_at"]) > start), key=lambda r: (r["updated_at"], r["id"])
    )
    assert all(page["end_time"] == (moment(page["articles"][-1]["updated_at"]) if got else 1) for page in pages)
    assert len({page["end_time"] for page in pages}) == len(pages)


# --- incremental ---


def test_a_cursor_stays_valid_when_records_are_added(tmp_path: Path) -> None:
    """After the end, the cursor brings what was added and what changed since, and nothing else."""
    records = [{"id": n, "generated_timestamp": NOW - 1000 + n // 2} for n in range(1, 21)]
    folder = write(tmp_path / "desk", {"zendesk/tickets": records})
    ask = client(folder)
    cursor = ask(EXPORT)["after_cursor"]
    again = ask(f"/api/v2/incremental/tickets/cursor.json?cursor={cursor}")
    assert (again["tickets"], again["after_cursor"], again["end_of_stream"]) == ([], cursor, True)
    older = {"id": 99, "generated_timestamp": NOW - 2000}  # written earlier in the file, and changed before the cursor
    changed = {"id": 3, "generated_timestamp": NOW - 500}
    new = {"id": 21, "generated_timestamp": NOW - 400}
    write(folder, {"zendesk/tickets": [older, *records, changed, new]})
    after = ask(f"/api/v2/incremental/tickets/cursor.json?cursor={cursor}")
    assert after["tickets"] == [changed, new]
    write(folder, {"zendesk/tickets": [record for record in records if record["id"] != 20] + [new]})
    assert ask(f"/api/v2/incremental/tickets/cursor.json?cursor={cursor}")["tickets"] == [new]


def test_what_is_asked_wrongly_is_said(tmp_path: Path) -> None:
    """400 without a start or with a strange cursor, 422 within the last minute, 404 for another list."""
    record = {"id": 1, "updated_at": iso(NOW - 1000)}
    ask = client(write(tmp_path / "desk", {"zendesk/tickets": [record], "zendesk/users": [record]}))
    path = "/api/v2/incremental/tickets/cursor.json"
    users_cursor = ask("/api/v2/incremental/users/cursor.json?start_time=0")["after_cursor"]
    assert "start_time" in ask(path, status=400)["description"]
    for cursor in ("", "x", "dGlja2V0cw==", users_cursor):
        ask(f"{path}?cursor={cursor}", status=400)
    ask(f"{path}?start_time={NOW - 60}")
    for url in (path, "/api/v2/incremental/ticket_events.json", "/api/v2/incremental/organizations.json"):
        assert "older than 60 seconds" in ask(f"{url}?start_time={NOW - 59}", status=422)["description"]
    for url in ("/api/v2/incremental/ticket_events.json", ARTICLES):
        assert ask(url, status=400)["description"].startswith("start_time")
    ask("/conversations?starting_after=x", status=400)
    ask("/companies/scroll?scroll_param=x", status=400)


def test_without_a_manifest_now_is_a_minute_after_the_newest_record(tmp_path: Path) -> None:
    """Own exports have no clock: their newest record is just old enough."""
    records = {"zendesk/tickets": [{"id": 1, "generated_timestamp": NOW - 70}, {"id": 2, "generated_timestamp": NOW}]}
    ask = client(write(tmp_path / "desk", records, now=None))
    assert len(ask(EXPORT)["tickets"]) == 2
    ask = client(write(tmp_path / "desk", records))
    assert len(ask(EXPORT)["tickets"]) == 1


def test_a_comment_belongs_to_the_event_of_its_audit(tmp_path: Path) -> None:
    """It is a child of it, or makes an event of its own; its text comes with the side-load only."""
    comments = [
        {
            "id": 1,
            "ticket_id": 7,
            "audit_id": 50,
            "author_id": 3,
            "body": "a",
            "public": False,
            "created_at": iso(NOW - 900),
        },
        {
            "id": 2,
            "ticket_id": 8,
            "audit_id": 51,
            "author_id": 4,
            "body": "b",
            "public": True,
            "created_at": iso(NOW - 800),
        },
        {"id": 3, "body": "c", "created_at": iso(NOW - 700)},
        {"id": 4, "ticket_id": 7, "audit_id": 50, "body": "known already"},
    ]
    change = {"id": 500, "event_type": "Change", "status": "open"}
    known = {"id": 4, "event_type": "Comment", "body": "known", "public": True}
    event = {"id": 50, "ticket_id": 7, "timestamp": NOW - 900, "child_events": [change, known]}
    ask = client(write(tmp_path / "desk", {"zendesk/ticket_events": [event], "zendesk/ticket_comments": comments}))
    full = ask(f"{EVENTS}&include=comment_events")["ticket_events"]
    assert [event["id"] for event in full] == [50, 51, 3]
    assert [child["id"] for child in full[0]["child_events"]] == [500, 4, 1]
    assert full[0]["child_events"][2]["body"] == "a"
    own = {"id": 51, "ticket_id": 8, "timestamp": NOW - 800, "created_at": iso(NOW - 800), "updater_id": 4}
    assert {name: full[1][name] for name in own} == own
    assert "ticket_id" not in full[2]
    short = ask(EVENTS)["ticket_events"]
    assert short[0]["child_events"] == [
        change,
        {"id": 4, "event_type": "Comment", "comment_present": True, "comment_public": True},
        {"id": 1, "event_type": "Comment", "comment_present": True, "comment_public": False},
    ]


def test_a_deleted_ticket_is_in_the_export_only(tmp_path: Path) -> None:
    """It comes with its status, and has neither a page of its own nor comments."""
    states = [
        {"id": 7, "status": status, "generated_timestamp": NOW - at} for status, at in (("deleted", 80), ("open", 90))
    ]
    folder = write(
        tmp_path / "desk", {"zendesk/tickets": states, "zendesk/ticket_comments": [{"id": 1, "ticket_id": 7}]}
    )
    ask = client(folder)
    assert [ticket["status"] for ticket in ask(EXPORT)["tickets"]] == ["open", "deleted"]
    for url in ("/api/v2/tickets/7.json", "/api/v2/tickets/7/comments.json", "/api/v2/tickets/8/comments.json"):
        assert ask(url, status=404) == {"error": "RecordNotFound", "description": "Not found"}


# --- Intercom ---


def test_search_finds_by_every_field_and_operator(tmp_path: Path) -> None:
    """Equal, unequal, greater, smaller, one of several, and nested conditions."""
    talks = [
        {"id": str(n), "created_at": NOW - 10 * n, "updated_at": NOW - n, "state": state, "open": state == "open"}
        for n, state in enumerate(["open", "closed", "snoozed", "closed"])
    ]
    contact = {"id": "c", "email": "a@b.example", "external_id": None, "updated_at": NOW}
    ask = client(write(tmp_path / "desk", {"intercom/conversations": talks, "intercom/contacts": [contact]}))

    def found(*query: Any) -> str:
        body = {"query": condition(query), "sort": {"field": "created_at", "order": "descending"}}
        return "".join(talk["id"] for talk in ask("/conversations/search", body)["conversations"])

    def condition(query: Any) -> Record:
        if query[0] in ("AND", "OR"):
            return {"operator": query[0], "value": [condition(part) for part in query[1:]]}
        return dict(zip(("field", "operator", "value"), query, strict=True))

    assert found("id", "=", "2") == "2"
    assert found("id", "IN", ["3", "0"]) == "03"
    assert found("updated_at", ">", NOW - 2) == "01"
    assert found("updated_at", "<", NOW - 2) == "3"
    assert found("created_at", "=", NOW - 10) == "1"
    assert found("state", "!=", "closed") == "02"
    assert found("open", "=", True) == "0"
    assert found("AND", ("state", "=", "closed"), ("updated_at", ">", NOW - 3)) == "1"
    assert found("AND", ("OR", ("id", "=", "0"), ("id", "=", "3")), ("open", "=", False)) == "3"
    for field, value in (("email", "a@b.example"), ("external_id", None), ("id", "c")):
        body = {"query": {"field": field, "operator": "=", "value": value}}
        assert ask("/contacts/search", body)["data"] == [contact]
        assert ask("/contacts/search", {"query": {**body["query"], "operator": "!="}})["data"] == []


WRONG = [
    {},
    {"query": {"field": "shoe_size", "operator": "=", "value": 44}},
    {"query": {"field": "updated_at", "operator": ">", "value": "soon"}},
    {"query": {"field": "updated_at", "operator": "~", "value": 1}},
    {"query": {"field": "state", "operator": ">", "value": "open"}},
    {"query": {"field": "id", "operator": "IN", "value": "12"}},
    {"query": {"operator": "AND", "value": [{"field": "id", "operator": "=", "value": "1"}] * 16}},
    {"query": {"operator": "AND", "value": [{"operator": "OR", "value": [{"operator": "OR", "value": []}]}]}},
    {"query": {"field": "id", "operator": "=", "value": "1"}, "pagination": {"per_page": 151}},
    {"query": {"field": "id", "operator": "=", "value": "1"}, "sort": {"field": "title"}},
]


@pytest.mark.parametrize("body", WRONG)
def test_a_wrong_search_is_refused(tmp_path: Path, body: Record) -> None:
    """400 in Intercom's envelope."""
    ask = client(write(tmp_path / "desk", {"intercom/conversations": [{"id": "1"}]}))
    assert ask("/conversations/search", body, status=400)["errors"][0]["code"] == "parameter_invalid"


def test_a_conversation_has_its_newest_500_parts(tmp_path: Path) -> None:
    """Older ones are left out, `total_count` tells; lists and searches have no parts at all."""
    parts = [{"id": str(n), "created_at": NOW - 1000 + n, "body": "{" * 9} for n in range(700)]
    held = {"conversation_parts": parts, "total_count": 700}
    folder = write(tmp_path / "desk", {"intercom/conversations": [{"id": "1", "conversation_parts": held}]})
    ask = client(folder)
    shown = ask("/conversations/1")["conversation_parts"]
    assert [part["id"] for part in shown["conversation_parts"]] == [str(n) for n in range(200, 700)]
    assert shown["total_count"] == 700
    assert ask("/conversations")["conversations"] == [{"id": "1"}]
    body = {"query": {"field": "id", "operator": "=", "value": "1"}}
    assert ask("/conversations/search", body)["conversations"] == [{"id": "1"}]


def test_plaintext_is_text(tmp_path: Path) -> None:
    """Paragraphs and breaks become lines, tags go, entities become characters; null stays null."""
    talk = {
        "id": "1",
        "source": {"body": '<p class="no-margin">a &lt; b<br>c</p> <p>d &amp; e</p>'},
        "conversation_parts": {"conversation_parts": [{"body": None}, {"body": "<p>1 < 2 > 1</p>"}, "odd"]},
    }
    ask = client(write(tmp_path / "desk", {"intercom/conversations": [talk]}))
    assert ask("/conversations/1") == talk
    plain = ask("/conversations/1?display_as=plaintext")
    assert plain["source"]["body"] == "a < b\nc\n\nd & e"
    assert plain["conversation_parts"]["conversation_parts"] == [{"body": None}, {"body": "1 < 2 > 1"}, "odd"]


# --- shapes ---


@pytest.fixture(scope="module")
def clean(source: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample company without the records that are broken on purpose, with what it does not have."""
    folder = tmp_path_factory.mktemp("clean") / "source"
    shutil.copytree(source.source, folder)
    for table, broken in planted().items():
        path = folder / f"{table}.jsonl"
        lines = path.read_text(encoding="utf-8").splitlines()
        path.write_text("\n".join(line for line in lines if line not in {line for line, _ in broken}), encoding="utf-8")
    policy = {
        "id": 25,
        "title": "Urgent",
        "position": 1,
        "filter": {"all": [{"field": "type", "operator": "is", "value": "incident"}], "any": []},
        "policy_metrics": [{"priority": "urgent", "metric": "first_reply_time", "target": 30, "business_hours": True}],
    }
    extra = {
        "zendesk/sla_policies": policy,
        "intercom/teams": {"type": "team", "id": "1", "name": "A", "admin_ids": [2]},
    }
    for name, record in extra.items():
        if not (folder / f"{name}.jsonl").exists():
            (folder / f"{name}.jsonl").write_text(json.dumps(record))
    return folder


SHAPES = {
    EXPORT: "zendesk_tickets",
    "/api/v2/incremental/users/cursor.json?start_time=0": "zendesk_users",
    "/api/v2/incremental/organizations.json?start_time=0": "zendesk_organizations",
    EVENTS: "zendesk_ticket_events",
    f"{EVENTS}&include=comment_events&per_page=7": "zendesk_ticket_events",
    f"{ARTICLES}?start_time=0&per_page=2": "zendesk_articles",
    "/api/v2/slas/policies.json": "zendesk_sla_policies",
    "/api/v2/business_hours/schedules.json": "zendesk_schedules",
    "/api/v2/tickets/0.json": "zendesk_error",
    "/api/v2/nowhere": "zendesk_error",
    "/conversations?per_page=150": "intercom_conversations",
    "/contacts?per_page=3": "intercom_contacts",
    "/companies?per_page=3": "intercom_companies",
    "/companies/scroll": "intercom_companies",
    "/admins": "intercom_admins",
    "/teams": "intercom_teams",
    "/conversations/0": "intercom_error",
    "/nowhere": "intercom_error",
}


def validate(content: Any, name: str) -> None:
    schemas = [json.loads(path.read_text()) for path in (ROOT / "tests" / "schemas").glob("*.json")]
    registry = Registry().with_resources((s["$id"], Resource.from_contents(s)) for s in schemas if "$id" in s)
    schema = json.loads((ROOT / "tests" / "schemas" / f"{name}.json").read_text())
    jsonschema.Draft202012Validator(schema, registry=registry).validate(content)


@pytest.mark.parametrize("url", SHAPES)
def test_pages_have_the_shape_of_the_real_ones(clean: Path, url: str) -> None:
    """Every page validates against a schema that was written from the vendors' references."""
    content = client(clean)(url, status=404 if SHAPES[url].endswith("error") else 200)
    validate(content, SHAPES[url])
    if not SHAPES[url].endswith("error"):
        assert next(value for value in content.values() if isinstance(value, list))


def test_single_records_have_the_shape_of_the_real_ones(clean: Path) -> None:
    """One ticket, its comments, a user, a conversation and a contact are what their lists hold."""
    ask = client(clean)
    ticket = ask(EXPORT)["tickets"][-1]
    assert ask(f"/api/v2/tickets/{ticket['id']}.json") == {"ticket": ticket}
    validate(ask(f"/api/v2/tickets/{ticket['id']}/comments.json?page[size]=1"), "zendesk_comments")
    user = ask("/api/v2/incremental/users/cursor.json?start_time=0")["users"][0]
    assert ask(f"/api/v2/users/{user['id']}.json") == {"user": user}
    for talk in ask("/conversations?per_page=20")["conversations"]:
        shown = ask(f"/conversations/{talk['id']}?display_as=plaintext")
        validate(shown, "intercom_conversation")
        assert shown["conversation_parts"]
    contact = ask("/contacts")["data"][0]
    assert ask(f"/contacts/{contact['id']}") == contact


def test_a_schedule_has_its_holidays_on_a_page_of_its_own(clean: Path) -> None:
    """The list has the business hours first and a schedule that nothing uses; a third one has no page."""
    ask = client(clean)
    url = "/api/v2/business_hours/schedules"
    default, unused = ask(f"{url}.json")["schedules"]
    assert default["id"] < unused["id"]
    assert (default["time_zone"], len(default["intervals"])) == ("Amsterdam", 5)
    assert default["intervals"][0] == {"start_time": 1920, "end_time": 2520}  # Monday, eight to six
    assert [interval["start_time"] for interval in unused["intervals"]] == [600, 9240]  # Sunday and Saturday at ten
    page = ask(f"{url}/{default['id']}/holidays.json")
    validate(page, "zendesk_holidays")
    assert {"King's Day", "Christmas Day"} <= {holiday["name"] for holiday in page["holidays"]}
    assert ask(f"{url}/{unused['id']}/holidays.json")["holidays"] == []
    assert ask(f"{url}/3/holidays.json", status=404)["error"] == "RecordNotFound"


@pytest.mark.parametrize("holidays", [{}, {"holidays": None}, {"holidays": "none"}])
def test_a_schedule_without_holidays_has_an_empty_page(tmp_path: Path, holidays: Record) -> None:
    """Somebody's own exports may lack them."""
    ask = client(write(tmp_path / "desk", {"zendesk/schedules": [{"id": 5, **holidays}]}))
    assert ask("/api/v2/business_hours/schedules.json")["schedules"] == [{"id": 5}]
    assert ask("/api/v2/business_hours/schedules/5/holidays.json")["holidays"] == []


# --- odd input ---


def test_broken_lines_are_counted_and_the_others_served(source: Settings, tmp_path: Path) -> None:
    """What is no JSON object is left out and counted; records without an id or with odd times are served as is."""
    folder = tmp_path / "source"
    shutil.copytree(source.source, folder)
    with (folder / "zendesk/users.jsonl").open("ab") as file:
        file.write(b'\n\xff\xfe\n[1]\n{"id": NaN}\n\n{"name": "no id"}')
    exports = Exports(folder)
    assert exports.unreadable["zendesk/users"] == 3
    for table, broken in planted().items():
        no_objects = sum(reason.startswith("not ") for _, reason in broken)
        assert exports.unreadable.get(table, 0) == no_objects
        served_lines = set(exports.table(table).lines(exports.table(table).places))
        assert {line.encode() for line, reason in broken if not reason.startswith("not ")} <= served_lines


@pytest.mark.parametrize("absent", ["zendesk", "intercom"])
def test_an_absent_help_desk_is_empty(clean: Path, tmp_path: Path, absent: str) -> None:
    """Its lists are empty pages of the right shape, its records are not found."""
    folder = tmp_path / "source"
    shutil.copytree(clean, folder, ignore=shutil.ignore_patterns(absent))
    ask = client(folder)
    for url, name in SHAPES.items():
        status = 404 if name.endswith("error") else 200
        content = ask(url, status=status)
        validate(content, name)
        if status == 200:
            records = next(value for value in content.values() if isinstance(value, list))
            assert bool(records) == (not name.startswith(absent))


odd = st.text(max_size=8) | st.sampled_from(
    ["-1", "0", "99999999999999999999", "9" * 5000, "1e5", "NaN", "%00", "null"]
)
NAMES = ("start_time", "cursor", "per_page", "page[size]", "page[after]", "include", "starting_after", "page")
paths = st.sampled_from(
    [urlsplit(url).path for url in SHAPES]
    + ["/api/v2/tickets/1/comments.json", "/api/v2/business_hours/schedules/1/holidays.json", "/conversations/1"]
)


@LIGHT
@given(path=paths, parameters=st.dictionaries(st.sampled_from([*NAMES, "scroll_param", "display_as"]), odd, max_size=4))
def test_no_parameter_makes_an_error_500(tmp_path: Path, path: str, parameters: dict[str, str]) -> None:
    """Whatever is asked, the answer is a page or an error that names the client."""
    folder = tmp_path / "desk"
    if not folder.exists():
        write(folder, {name: [{"id": 1, "updated_at": iso(NOW - 99)}] for name in TABLES})
    app = TestClient(create_app(Exports(folder)))
    answer = app.get(path, params=parameters, headers=ZENDESK_HEADERS if path.startswith("/api") else INTERCOM)
    assert answer.status_code in (200, 400, 404, 422)
    assert answer.json()


bodies = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.sampled_from(["AND", "id", "=", "updated_at"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["query", "field", "operator", "value", "pagination", "sort"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@LIGHT
@given(body=bodies)
def test_no_search_makes_an_error_500(tmp_path: Path, body: Any) -> None:
    """Any JSON as a search finds something or is refused."""
    folder = tmp_path / "desk"
    if not folder.exists():
        write(folder, {"intercom/conversations": [{"id": "1", "state": [], "created_at": "yesterday"}]})
    app = TestClient(create_app(Exports(folder)))
    for content in (json.dumps(body), json.dumps({"query": body})):
        answer = app.post("/conversations/search", content=content, headers=INTERCOM)
        assert answer.status_code in (200, 400)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff", b'{"query":' + b"[" * 100_000, b'{"query":' * 500 + b"1" + b"}" * 500]
)
def test_a_body_that_is_no_search_is_refused(tmp_path: Path, content: bytes) -> None:
    """No JSON, half of it, or far too deep: 400."""
    app = TestClient(create_app(Exports(write(tmp_path / "desk", {}))))
    answer = app.post("/contacts/search", content=content, headers={**INTERCOM, "Content-Type": "application/json"})
    assert answer.status_code == 400
    validate(answer.json(), "intercom_error")


def test_the_index_is_small(tmp_path: Path) -> None:
    """A record costs a few hundred bytes of memory, however long it is: 100,000 tickets are no gigabytes."""
    records = [{"id": n, "generated_timestamp": NOW - n, "description": "x" * 2_000} for n in range(10_000)]
    folder = write(tmp_path / "desk", {"zendesk/tickets": records})
    tracemalloc.start()
    table = Exports(folder).table("zendesk/tickets")
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert held / len(table.places) < 500


# --- over real HTTP ---


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tables = {
        "zendesk/tickets": [{"id": n, "generated_timestamp": NOW - 1000 + n} for n in range(1, 31)],
        "intercom/conversations": [{"id": str(n), "updated_at": NOW - n} for n in range(1, 31)],
    }
    return write(tmp_path_factory.mktemp("http") / "desk", tables)


def zendesk(help_desks: Served, timeout: float = 5) -> httpx.Client:
    login = (f"{help_desks.zendesk_email}/token", help_desks.zendesk_token)
    return httpx.Client(base_url=help_desks.url, auth=login, timeout=timeout)


def intercom(help_desks: Served, timeout: float = 5) -> httpx.Client:
    headers = {"Authorization": f"Bearer {help_desks.intercom_token}"}
    return httpx.Client(base_url=help_desks.url, headers=headers, timeout=timeout)


def test_served_answers_counts_and_stops(desk: Path) -> None:
    """The help desks answer while the block runs, count what they are asked, and free the port quickly."""
    with served(desk) as help_desks:
        with zendesk(help_desks) as agent, intercom(help_desks) as admin:
            pages = list(by_cursor(lambda url: agent.get(url).json(), f"{EXPORT}&per_page=7", "tickets"))
            assert len(pages) == 30
            assert admin.get("/conversations/7").json() == {"id": "7", "updated_at": NOW - 7}
            assert admin.get("/conversations/8").headers["X-RateLimit-Remaining"] == "1665"
            assert admin.get("/conversations/999").status_code == 404
        assert help_desks.requests == {"GET /api/v2/incremental/tickets/cursor.json": 5, "GET /conversations/{id}": 3}
        assert help_desks.traffic.answers == {200: 7, 404: 1}
        stopping = time.monotonic()
    assert time.monotonic() - stopping < 1
    with pytest.raises(httpx.ConnectError):
        httpx.get(help_desks.url)


def test_only_who_knows_the_token_is_let_in(desk: Path) -> None:
    """401 in the vendor's envelope for a wrong, missing or misplaced credential, before anything else is looked at."""
    right = f"{DEMO.zendesk_email}/token"
    with served(desk) as help_desks, httpx.Client(base_url=help_desks.url) as anybody:
        wrong = [(right, "guess"), (DEMO.zendesk_email, DEMO.zendesk_token), ("é/token", "☃")]
        answers = [anybody.get(EXPORT, auth=auth) for auth in (*wrong, None)]
        answers.append(anybody.get("/api/v2/nowhere"))
        answers.append(anybody.get(EXPORT, headers=INTERCOM))
        assert [answer.status_code for answer in answers] == [401] * 6
        for answer in answers:
            validate(answer.json(), "zendesk_error")
        assert anybody.get(EXPORT, auth=(right, DEMO.zendesk_token)).status_code == 200
        for headers in ({}, {"Authorization": "Bearer guess"}, {"Authorization": f"Basic {DEMO.intercom_token}"}):
            refused = anybody.get("/conversations", headers=headers)
            assert refused.status_code == 401
            assert refused.json()["errors"][0]["code"] == "unauthorized"
        assert anybody.get("/conversations", headers=INTERCOM).status_code == 200


def test_the_rate_limits_are_real(desk: Path) -> None:
    """Over the limit comes 429 with the seconds to wait; after them the help desk answers again."""
    with served(desk, zendesk_limit=Limit(3, 0.5), intercom_limit=Limit(2, 30)) as help_desks:
        with zendesk(help_desks) as agent:
            answers = [agent.get(EXPORT) for _ in range(5)]
            assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
            assert answers[-1].headers["Retry-After"] == "1"
            validate(answers[-1].json(), "zendesk_error")
            time.sleep(0.55)
            assert agent.get(EXPORT).status_code == 200
        with intercom(help_desks) as admin:
            answers = [admin.get("/conversations") for _ in range(3)]
            assert [answer.status_code for answer in answers] == [200, 200, 429]
            assert [answer.headers["X-RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
            assert answers[2].headers["X-RateLimit-Limit"] == "2"
            assert int(answers[2].headers["Retry-After"]) in (29, 30)
            assert 28 <= int(answers[2].headers["X-RateLimit-Reset"]) - time.time() <= 31
            validate(answers[2].json(), "intercom_error")


@given(gaps=st.lists(st.integers(0, 5), max_size=40), most=st.integers(0, 4), seconds=st.integers(1, 6))
def test_no_window_has_more_requests_than_the_limit(gaps: list[int], most: int, seconds: int) -> None:
    """However the requests come: at most so many pass in any window, and one that waits as told passes."""
    window, passed, now = Window(Limit(most, seconds)), [], 0
    for gap in gaps:
        now += gap
        wait = window.wait(now)
        if wait and most:
            assert 0 < wait <= seconds
            now += int(wait)
            wait = window.wait(now)
            assert not wait
        if not wait:
            passed.append(now)
    assert all(sum(start <= at < start + seconds for at in passed) <= most for start in passed)


def test_misbehaviour_refuses_and_fails(desk: Path) -> None:
    """429 with the wait that was ordered, and 500, both in the vendor's envelope; the third try gets through."""
    for fault, status in (("rate_limited", 429), ("server_error", 500)):
        plan = Misbehaviour(**{fault: 1.0}, retry_after=17)
        with served(desk, misbehaviour=plan) as help_desks, zendesk(help_desks) as agent, intercom(help_desks) as admin:
            answers = [agent.get(EXPORT) for _ in range(3)]
            assert [answer.status_code for answer in answers] == [status, status, 200]
            assert answers[0].headers.get("Retry-After") == ("17" if status == 429 else None)
            validate(answers[0].json(), "zendesk_error")
            validate(admin.get("/conversations").json(), "intercom_error")
            assert help_desks.traffic.faults == {fault: 3}


def test_misbehaviour_is_slow(desk: Path) -> None:
    """A slow answer is right, and takes as long as ordered; a client that waits less sees a time-out."""
    plan = Misbehaviour(slow=1.0, delay=0.3)
    with served(desk, misbehaviour=plan) as help_desks, zendesk(help_desks) as agent:
        started = time.monotonic()
        assert len(agent.get(EXPORT).json()["tickets"]) == 30
        assert time.monotonic() - started >= 0.3
        with zendesk(help_desks, timeout=0.1) as impatient, pytest.raises(httpx.ReadTimeout):
            impatient.get(EXPORT)


def test_misbehaviour_breaks_a_page(desk: Path) -> None:
    """Half a page looks whole to HTTP and is no JSON; an error is left as it is."""
    with served(desk, misbehaviour=Misbehaviour(broken=1.0)) as help_desks, zendesk(help_desks) as agent:
        broken = agent.get(EXPORT)
        assert broken.status_code == 200
        with pytest.raises(json.JSONDecodeError):
            broken.json()
        agent.get(EXPORT)
        assert agent.get(EXPORT).content.startswith(broken.content)
        assert agent.get("/api/v2/tickets/0.json").json()["error"] == "RecordNotFound"


def test_misbehaviour_cuts_the_connection(desk: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The connection ends before the promised length, nothing is logged, and the same client gets the page later."""
    with served(desk, misbehaviour=Misbehaviour(cut=1.0)) as help_desks, zendesk(help_desks) as agent:
        for _ in range(2):
            with pytest.raises(httpx.RemoteProtocolError, match="peer closed connection"):
                agent.get(EXPORT)
        assert len(agent.get(EXPORT).json()["tickets"]) == 30
    assert capfd.readouterr() == ("", "")


def test_a_client_with_three_tries_gets_through_everything(desk: Path) -> None:
    """With nothing but faults of every kind, an export that asks up to three times for a page has every ticket once."""
    plan = Misbehaviour(0.2, 0.2, 0.2, 0.2, 0.2, seed=3, retry_after=0, delay=0)
    with served(desk, misbehaviour=plan) as help_desks, zendesk(help_desks) as agent:

        def ask(url: str) -> Any:
            for _ in range(3):
                try:
                    return agent.get(url).raise_for_status().json()
                except (httpx.HTTPError, ValueError):
                    continue
            pytest.fail("three tries were not enough")

        got = [ticket["id"] for ticket in by_cursor(ask, f"{EXPORT}&per_page=2", "tickets")]
        assert got == list(range(1, 31))
        assert set(help_desks.traffic.faults) == set(FAULTS)


def test_misbehaviour_is_the_same_for_the_same_seed() -> None:
    """The seed and the number of a request decide; shares are kept; impossible shares are refused."""
    plan = Misbehaviour(0.1, 0.1, 0.1, 0.1, 0.1, seed=5)
    faults = [plan.fault(number) for number in range(4_000)]
    assert faults == [Misbehaviour(0.1, 0.1, 0.1, 0.1, 0.1, seed=5).fault(number) for number in range(4_000)]
    assert faults != [Misbehaviour(0.1, 0.1, 0.1, 0.1, 0.1, seed=6).fault(number) for number in range(4_000)]
    for fault in FAULTS:
        assert 0.08 < faults.count(fault) / len(faults) < 0.12
    for shares in ({"slow": 1.5}, {"cut": -0.1}, {"broken": 0.6, "cut": 0.6}):
        with pytest.raises(ConfigError):
            Misbehaviour(**shares)


# --- in the foreground ---


def test_a_folder_or_port_that_cannot_be_served_is_said(desk: Path, tmp_path: Path) -> None:
    """A LabError with the next step, for a folder without exports, a port in use, and a port that does not exist."""
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(MissingStep, match="no exports"), served(folder):
            pass
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(ConfigError, match="port") as refused:
        serve(desk, taken.getsockname()[1])
    assert "another port" in refused.value.next_step
    with pytest.raises(ConfigError):
        serve(desk, 70_000)


@pytest.mark.skipif(not shutil.which("curl"), reason="the lines to try use curl")
def test_the_lines_that_serve_prints_work(desk: Path) -> None:
    """The settings and the curl lines can be pasted as they are; Ctrl+C ends it without a traceback."""
    code = f"from pathlib import Path; from sample_data.serve import serve; serve(Path({str(desk)!r}), 0)"
    command = [sys.executable, "-uc", code]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout
        shown = []
        for line in process.stdout:
            shown.append(line)
            if "Ctrl+C" in line:
                break
        first = next(number for number, line in enumerate(shown) if line.startswith("export"))
        lines = [line for line in shown[first:-1] if not line.startswith("Then")]
        tried = subprocess.run(
            ["bash", "-ec", "".join(lines)], capture_output=True, text=True, check=False, env=os.environ
        )
        process.send_signal(signal.SIGINT)
        assert process.wait(5) == 0
        assert process.stdout.read() == ""
    assert tried.returncode == 0, tried.stderr
    decoder, answers, text = json.JSONDecoder(), [], tried.stdout
    while text:
        answer, end = decoder.raw_decode(text)
        answers.append(answer)
        text = text[end:]
    assert [next(iter(answer)) for answer in answers] == ["tickets", "ticket_events", "conversations", "conversations"]
    assert "30 tickets and 30 conversations" in "".join(shown)


def test_the_command_line_does_not_load_the_web_server() -> None:
    """`python -m sample_data` starts without FastAPI and uvicorn; only serving loads them."""
    code = "import sys, sample_data.__main__; print({'fastapi', 'starlette', 'uvicorn'} & set(sys.modules))"
    shown = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert shown == "set()\n"
