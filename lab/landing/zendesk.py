"""Zendesk, page by page: its incremental exports say what changed since the last time.

Each function yields pages and keeps in `state` how far it got, so that the next run goes on there.
Tickets and users have a cursor. Events and organizations go by time: a page begins with the second in which
the one before ended, so its records come twice, and the primary key makes one of them. Articles go by time too, but
a page of theirs begins after that second.
"""

from collections.abc import Iterator
from typing import Any

from lab.landing.api import Api, Record

Page = dict[str, list[Record]]  # the records of one answer, by table
State = dict[str, Any]

PAGE = 1_000  # the most that Zendesk gives
SCHEDULES = "/api/v2/business_hours/schedules"
ARTICLES = "/api/v2/help_center/incremental/articles"


def tickets(api: Api, state: State) -> Iterator[Page]:
    """Every ticket that changed, in its newest state. A deleted one comes with the status `deleted`."""
    return by_cursor(api, "tickets", state)


def users(api: Api, state: State) -> Iterator[Page]:
    """Contacts and agents."""
    return by_cursor(api, "users", state)


def organizations(api: Api, state: State) -> Iterator[Page]:
    """Customer accounts."""
    for page in by_time(api, "organizations", state, {}):
        yield {"organizations": page["organizations"]}


def ticket_events(api: Api, state: State) -> Iterator[Page]:
    """What happened in tickets, as two tables: the changes of status, and the comments with their text."""
    for page in by_time(api, "ticket_events", state, {"include": "comment_events"}):
        events, comments = [], []
        for event in page["ticket_events"]:
            children = [child for child in event.get("child_events") or [] if isinstance(child, dict)]
            said = [child for child in children if child.get("event_type") == "Comment"]
            changes = [child for child in children if child.get("event_type") != "Comment"]
            # A comment does not say whose it is, the event does.
            comments += [{**without(child, "event_type"), "ticket_id": event.get("ticket_id")} for child in said]
            if changes or not said:
                events.append({**event, "child_events": changes})
        yield {"ticket_events": events, "ticket_comments": comments}


def articles(api: Api, state: State) -> Iterator[Page]:
    """What the help centre says, release notes among it; none where the account has no help centre."""
    since = max(state.get("end_time", 0) - 1, 0)  # the second in which it ended may have gone on since
    while page := api.get_if_in_plan(ARTICLES, start_time=since):
        end_time = page["end_time"] or 0  # an empty page ends at the beginning of time
        state["end_time"] = max(state.get("end_time", 0), end_time)
        yield {"articles": page["articles"]}
        if not page["next_page"] or end_time <= since:
            return
        since = end_time


def sla_policies(api: Api, _: State) -> Iterator[Page]:
    """What is promised to whom. There are few: all of them, each time; none where the plan has no promises."""
    page = api.get_if_in_plan("/api/v2/slas/policies.json")
    yield {"sla_policies": page["sla_policies"] if page else []}


def schedules(api: Api, _: State) -> Iterator[Page]:
    """When the account works, each schedule with its holidays; none where the plan has no schedules."""
    page = api.get_if_in_plan(f"{SCHEDULES}.json")
    yield {"schedules": [with_holidays(api, schedule) for schedule in page["schedules"]] if page else []}


def with_holidays(api: Api, schedule: Record) -> Record:
    """The schedule and what only its own page tells. One without an id has no page, and will be rejected."""
    found = api.get_if_in_plan(f"{SCHEDULES}/{schedule['id']}/holidays.json") if schedule.get("id") else None
    return {**schedule, "holidays": found["holidays"] if found else []}


def by_cursor(api: Api, name: str, state: State) -> Iterator[Page]:
    """The cursor export of `name`, from where it ended the last time."""
    done = False
    while not done:
        where = {"cursor": state["cursor"]} if state.get("cursor") else {"start_time": 0}
        page = api.get(f"/api/v2/incremental/{name}/cursor.json", per_page=PAGE, **where)
        state["cursor"] = page["after_cursor"] or state.get("cursor")
        done = page["end_of_stream"]
        yield {name: page[name]}


def by_time(api: Api, name: str, state: State, include: Record) -> Iterator[Record]:
    """The time-based export of `name`, from the second in which it ended the last time."""
    done = False
    while not done:
        since = state.get("end_time", 0)
        page = api.get(f"/api/v2/incremental/{name}.json", start_time=since, per_page=PAGE, **include)
        state["end_time"] = page["end_time"] or since
        done = page["end_of_stream"]
        yield page


def without(record: Record, name: str) -> Record:
    return {key: value for key, value in record.items() if key != name}
