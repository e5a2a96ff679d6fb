"""People who asked to be forgotten, and the proof that they are.

Kept are fingerprints of the address and of the person's ids, and nothing else (`out/forgotten.json`), so that a later
extract does not bring the person back: neither a new record under the old address, nor an old ticket that changed and
is pulled without its author. Erased are the person's records, every ticket they opened, and their address wherever
somebody else wrote it.
"""

import difflib
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import duckdb

from lab.aside import remove, write_json
from lab.errors import ConfigError, MissingStep, StageFailed
from lab.settings import Settings

REPLACED = "[forgotten]"
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
    no_stage_makes = (
        settings.logs,
        settings.traces,
        *(settings.home / name for name in ("building", "experiments", "agent")),
    )
    for rest in no_stage_makes:
        remove(rest)
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


def prove(settings: Settings) -> int:
    """Look for the person who was forgotten in every file below LAB_HOME; return how many files were searched.

    Raises StageFailed with the files in which something of them is left.
    """
    list_file = settings.home / "forgetting.json"
    if not list_file.exists():
        raise MissingStep("Nobody is being forgotten.", next_step="make forget CONTACT=address")
    wanted = json.loads(list_file.read_text(encoding="utf-8"))
    pattern = re.compile("|".join(rf"(?<![0-9a-z]){re.escape(value)}(?![0-9a-z])" for value in wanted))
    files = [path for path in sorted(settings.home.rglob("*")) if path.is_file() and path != list_file]
    found = [str(file) for file in files if any(pattern.search(text) for text in texts_of(file))]
    if found:
        raise StageFailed(
            f"Something of the person is left in {', '.join(found[:5])}.",
            next_step=f"delete {found[0]}, then python -m lab prove",
        )
    remove(list_file)
    return len(files)


def texts_of(file: Path) -> Iterator[str]:
    """What a file holds, in lower case: its bytes, and the rows of Parquet and DuckDB, which compress their texts."""
    yield file.read_bytes().decode("utf-8", "replace").lower()
    with duckdb.connect() as connection:
        tables: list[str] = []
        if file.suffix == ".parquet":
            tables = [f"read_parquet('{file}')"]
        if file.suffix == ".duckdb":
            connection.execute(f"attach '{file}' as held (read_only)")
            named = "select schema_name, table_name from duckdb_tables() where database_name = 'held'"
            tables = [f'held."{schema}"."{name}"' for schema, name in connection.execute(named).fetchall()]
        for table in tables:
            rows = connection.execute(f"select lower(to_json(t)::varchar) from {table} as t")
            while batch := rows.fetchmany(10_000):
                yield "\n".join(text for (text,) in batch)
