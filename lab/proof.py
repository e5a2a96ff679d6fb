"""The proof that somebody is forgotten: nothing of them stands in any file of the lab."""

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

import duckdb

from lab.aside import remove
from lab.errors import MissingStep, StageFailed
from lab.settings import Settings


def prove(settings: Settings) -> int:
    """Look for the person who was forgotten in every file below LAB_HOME; return how many files were searched.

    Raises StageFailed with the files in which something of them is left.
    """
    list_file = settings.home / "forgetting.json"
    if not list_file.exists():
        raise MissingStep("Nobody is being forgotten.", next_step="make forget CONTACT=address")
    wanted = json.loads(list_file.read_text(encoding="utf-8"))
    pattern = pattern_of(wanted)
    files = [path for path in sorted(settings.home.rglob("*")) if path.is_file() and path != list_file]
    found = [str(file) for file in files if any(pattern.search(text) for text in texts_of(file))]
    if found:
        raise StageFailed(
            f"Something of the person is left in {', '.join(found[:5])}.",
            next_step=f"delete {found[0]}, then python -m lab prove",
        )
    remove(list_file)
    return len(files)


def pattern_of(values: Iterable[str]) -> re.Pattern[str]:
    """Any of some values as a whole, not as a part of a longer word or number."""
    return re.compile("|".join(rf"(?<![0-9a-z]){re.escape(value)}(?![0-9a-z])" for value in values))


def texts_of(file: Path) -> Iterator[str]:
    """What a file holds, in lower case: its bytes, and the rows of those that compress their texts or cut them up."""
    yield file.read_bytes().decode("utf-8", "replace").lower()
    if file.suffix == ".sqlite":
        yield from texts_of_sqlite(file)
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


def texts_of_sqlite(file: Path) -> Iterator[str]:
    """The rows of all tables: a row that is longer than a page of the file is cut in the middle of a word there."""
    with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        tables = connection.execute("select name from sqlite_master where type = 'table'").fetchall()
        for (table,) in tables:
            for row in connection.execute(f'select * from "{table}"'):
                yield " ".join(str(value) for value in row if not isinstance(value, bytes)).lower()
