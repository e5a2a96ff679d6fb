"""Intercom, page by page: a search says which conversations changed, each is then fetched with its parts.

Each function yields pages and keeps in `state` how far it got. Intercom does not tell what was deleted:
the ids of all conversations are listed each time, and what is no longer among them is gone.
"""

from collections.abc import Iterator

from lab.landing.api import Api, Record
from lab.landing.zendesk import Page, State

PAGE = 150  # the most that Intercom gives


def conversations(api: Api, state: State) -> Iterator[Page]:
    """Every conversation that changed, whole: lists and searches leave the parts out."""
    since, after = state.get("updated_at", 0), None
    while True:
        found = api.post("/conversations/search", question(since, after))
        # Changed since it was found: then it comes again. Deleted since: then it is gone.
        whole = [api.get_if_there(f"/conversations/{one['id']}") for one in found["conversations"] if one.get("id")]
        times = [one["updated_at"] for one in found["conversations"] if isinstance(one.get("updated_at"), int)]
        state["updated_at"] = max([state.get("updated_at", 0), *times])
        lost = [one for one in found["conversations"] if not one.get("id")]  # will be rejected, and counted
        yield {"conversations": [one for one in whole if one] + lost}
        after = next_page(found)
        if after is None:
            return


def question(since: int, after: str | None) -> Record:
    """A search for what changed in the second `since` or later, the oldest change first."""
    return {
        "query": {"field": "updated_at", "operator": ">", "value": since - 1},
        "sort": {"field": "updated_at", "order": "ascending"},
        "pagination": {"per_page": PAGE, **({"starting_after": after} if after else {})},
    }


def conversation_ids(api: Api, _: State) -> Iterator[Page]:
    """The ids of all conversations that are still there."""
    for records in listed(api, "/conversations", "conversations"):
        yield {"conversation_ids": [{"id": record.get("id")} for record in records]}


def contacts(api: Api, _: State) -> Iterator[Page]:
    """Customers' people. Merged and deleted ones vanish from the list, so it is read whole."""
    for records in listed(api, "/contacts", "data"):
        yield {"contacts": records}


def companies(api: Api, _: State) -> Iterator[Page]:
    """Customer accounts: a scroll that ends with an empty page."""
    scroll: Record = {}
    while records := (page := api.get("/companies/scroll", **scroll))["data"]:
        scroll = {"scroll_param": page["scroll_param"]}
        yield {"companies": records}


def admins(api: Api, _: State) -> Iterator[Page]:
    """The agents."""
    yield {"admins": api.get("/admins")["admins"]}


def listed(api: Api, path: str, name: str) -> Iterator[list[Record]]:
    """All pages of a list."""
    after = None
    while True:
        page = api.get(path, per_page=PAGE, **({"starting_after": after} if after else {}))
        yield page[name]
        after = next_page(page)
        if after is None:
            return


def next_page(page: Record) -> str | None:
    """Where the next page starts; None behind the last one, where `pages.next` is missing or null."""
    following = (page.get("pages") or {}).get("next") or {}
    after: str | None = following.get("starting_after")
    return after
