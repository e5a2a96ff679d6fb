"""People who asked to be forgotten. The proof that they are is in proof.py.

Kept are fingerprints of the address and of the person's ids, and nothing else (`out/forgotten.json`), so that a later
extract does not bring the person back: neither a new record under the old address, nor an old ticket that changed and
is pulled without its author. Erased are the person's records, every ticket they opened, every draft that names such a
ticket, with the feedback on it, and their address wherever somebody else wrote it.
"""

import difflib
import hashlib
import json
import re
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb

from lab.aside import remove, write_json
from lab.console import say
from lab.errors import ConfigError, MissingStep, StageFailed
from lab.proof import pattern_of
from lab.settings import Settings

REPLACED = "[forgotten]"
PATIENCE = 30.0  # seconds to wait for the drafting service
TRIED = ("building", "experiments", "trials", "agent")
STORE = "newest.duckdb"  # in out/extract: what dlt has loaded


def mark_of(name: str) -> str:
    """The fingerprint of an address, however it is written, or of an id with its kind (`zendesk user 123`).

    >>> mark_of("Ada@Example.org ") == mark_of("ada@example.org")
    True
    """
    return hashlib.sha256(name.strip().lower().encode()).hexdigest()


def read_forgotten(settings: Settings) -> frozenset[str]:
    """The fingerprints of everybody who was forgotten."""
    file = settings.home / "forgotten.json"
    return frozenset(json.loads(file.read_text(encoding="utf-8"))) if file.exists() else frozenset()


def forget(settings: Settings, email: str) -> int:
    """Write down that a person must not come back, and what has to be gone at the end; return how many tickets that is.

    The erasure itself is done by the stages, each in what it made. Raises MissingStep before the first extract,
    ConfigError for an address that nobody has.
    """
    store = settings.extract / STORE
    if not store.exists():
        raise MissingStep("Nothing has been extracted yet, so nobody is known here.", next_step="make landing")
    with duckdb.connect(str(store), read_only=True) as connection:
        people = People(connection, frozenset({mark_of(email)}))
        if not people.users + people.contacts:
            [close] = difflib.get_close_matches(email.strip().lower(), people.known_emails(), n=1, cutoff=0) or [""]
            raise ConfigError(f"Nobody here has the address {email!r}.", next_step=f"make forget CONTACT={close}")
        wanted, marks = people.values(), people.marks()
    write_json(settings.home / "forgotten.json", sorted(read_forgotten(settings) | marks))
    write_json(settings.home / "forgetting.json", sorted(wanted))
    # What no stage makes anew. A model tells of the words that it learned from: it is learned again, without them.
    incoming = (settings.home / "weeks").glob("*/tickets.jsonl")
    for rest in (settings.logs, settings.traces, settings.models, *(settings.home / name for name in TRIED), *incoming):
        remove(rest)
    if drafts := erase_drafts(settings.feedback, wanted):
        say(f"[bold]forget[/]  {drafts} drafts that name their tickets are erased, with the feedback on them")
    return len(people.tickets) + len(people.talks)


def erase(store: Path, marks: frozenset[str]) -> int:
    """Erase everybody with one of `marks` from what dlt has loaded; return how many of their records were there.

    The file is written anew, because a database that deletes only marks the place as free.
    """
    if not marks or not store.exists():
        return 0
    aside = store.with_suffix(".new")
    remove(aside)
    with duckdb.connect(str(store)) as connection:
        people = People(connection, marks)
        if not people.values():
            return 0
        people.erase()
        connection.execute(f"attach '{aside}' as clean")
        connection.execute(f"copy from database {store.stem} to clean")
        connection.execute("detach clean")
    aside.replace(store)
    return len(people.values())


def erase_drafts(store: Path, values: Iterable[str]) -> int:
    """Delete drafts in which one of `values` stands, with all feedback on them, and such feedback on other drafts.

    A draft for the person's ticket, or one that cites or was shown it, holds their words. No stage makes the store
    anew, so this is done at once; the file is written anew here, too. Returns how many drafts that were. Raises
    StageFailed when the store cannot be written.
    """
    if not store.exists():
        return 0
    pattern = pattern_of(values)
    try:
        with closing(sqlite3.connect(store, timeout=PATIENCE, isolation_level=None)) as connection:
            connection.create_function("names_them", 1, lambda text: bool(pattern.search(str(text).lower())))
            connection.execute("begin immediate")
            theirs = "select draft_id from drafts where names_them(draft)"
            connection.execute(f"delete from feedback where names_them(feedback) or draft_id in ({theirs})")
            erased = connection.execute("delete from drafts where names_them(draft)").rowcount
            connection.execute("commit")
            connection.execute("vacuum")
    except sqlite3.Error as error:
        raise StageFailed(f"{store} cannot be written: {error}.", next_step="stop what has it open") from None
    return erased


class People:
    """The forgotten people in what dlt has loaded: their ids on both help desks, their addresses, their tickets."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, marks: frozenset[str]) -> None:
        self.connection = connection
        self.known = marks
        found = connection.execute("select table_name from duckdb_tables() where schema_name = 'landing'").fetchall()
        self.tables = {name for (name,) in found}
        in_marks = "in (select unnest($marks))"
        known = f"sha256(lower(trim(email))) {in_marks} or sha256('{{kind}} ' || id) {in_marks}"
        users = f"select id, email from landing.zendesk__users where {known.format(kind='zendesk user')}"
        self.users = self.all("zendesk__users", users, marks=marks)
        contacts = f"select id, email from landing.intercom__contacts where {known.format(kind='intercom contact')}"
        self.contacts = self.all("intercom__contacts", contacts, marks=marks)
        self.emails = {email.strip().lower() for _, email in self.users + self.contacts if email}
        asked = """
            select id from landing.zendesk__tickets where requester_id in (select unnest($users))
            or sha256('zendesk user ' || requester_id) in (select unnest($marks))
        """
        users_found = [key for key, _ in self.users]
        self.tickets = [key for (key,) in self.all("zendesk__tickets", asked, users=users_found, marks=marks)]
        talked = """
            select id from (
                select id, unnest(json_extract_string(contacts, '$.contacts[*].id')) as contact
                from landing.intercom__conversations
            ) where contact in (select unnest($contacts))
            or sha256('intercom contact ' || contact) in (select unnest($marks))
        """
        contacts_found = [key for key, _ in self.contacts]
        self.talks = [
            key for (key,) in self.all("intercom__conversations", talked, contacts=contacts_found, marks=marks)
        ]

    def all(self, table: str, query: str, **values: Iterable[Any]) -> list[tuple[Any, ...]]:
        """The rows of a query over a table that may not be there."""
        if table not in self.tables:
            return []
        rows: list[tuple[Any, ...]] = self.connection.execute(
            query, {name: list(each) for name, each in values.items()}
        ).fetchall()
        return rows

    def known_emails(self) -> list[str]:
        """Everybody's address."""
        tables = [name for name in ("zendesk__users", "intercom__contacts") if name in self.tables]
        queries = [f"select lower(email) from landing.{name} where email is not null" for name in tables]
        return sorted({email for query in queries for (email,) in self.connection.execute(query).fetchall()})

    def values(self) -> set[str]:
        """What must stand nowhere afterwards: their addresses, their ids, those of their tickets."""
        ids = [key for key, _ in self.users + self.contacts] + self.tickets + self.talks
        return self.emails | {str(key) for key in ids}

    def marks(self) -> set[str]:
        """The fingerprints by which they are known again: of their addresses and their ids."""
        users = {mark_of(f"zendesk user {key}") for key, _ in self.users}
        contacts = {mark_of(f"intercom contact {key}") for key, _ in self.contacts}
        return {mark_of(email) for email in self.emails} | users | contacts

    def erase(self) -> None:
        """Delete their records and their tickets, and take their addresses out of everybody else's texts."""
        users, contacts = [key for key, _ in self.users], [key for key, _ in self.contacts]
        for table, column, keys in (
            ("zendesk__users", "id", users),
            ("zendesk__tickets", "id", self.tickets),
            ("zendesk__ticket_comments", "ticket_id", self.tickets),
            ("zendesk__ticket_comments", "author_id", users),
            ("zendesk__ticket_events", "ticket_id", self.tickets),
            ("intercom__contacts", "id", contacts),
            ("intercom__conversations", "id", self.talks),
            ("intercom__conversation_ids", "id", self.talks),
        ):
            self.all(table, f"delete from landing.{table} where {column} in (select unnest($keys))", keys=keys)
        authored = """
            delete from landing.zendesk__ticket_comments
            where sha256('zendesk user ' || author_id) in (select unnest($marks))
        """
        self.all("zendesk__ticket_comments", authored, marks=self.known)
        for name in self.tables:
            for email in self.emails:
                self.take_out(name, email)
        self.connection.execute("drop schema if exists landing_staging cascade")  # the last load, dlt makes it again

    def take_out(self, table: str, email: str) -> None:
        texts = self.connection.execute(
            "select column_name from duckdb_columns()"
            " where schema_name = 'landing' and table_name = ? and data_type = 'VARCHAR'",
            [table],
        ).fetchall()
        for (column,) in texts:
            self.connection.execute(
                f"""update landing.{table} set "{column}" = regexp_replace("{column}", ?, '{REPLACED}', 'gi')
                where contains(lower("{column}"), ?)""",
                [re.escape(email), email],
            )
