"""What dlt has loaded: the newest state of every record, and what is to be landed of it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import duckdb
import pyarrow as pa

from lab.landing.origin import Origin
from lab.landing.tables import REJECTS, TABLES, Table

ROWS = 20_000  # in one row group
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
OF_DELETED = "ticket_id in (select id from landing.zendesk__tickets where status = 'deleted')"


class Store:
    """What dlt has loaded: the newest state of every record, and what is to be landed of it."""

    def __init__(self, file: Path, origin: Origin) -> None:
        self.connection = duckdb.connect(str(file), config={"threads": 1})  # one thread keeps the order of rows
        found = self.connection.execute("select table_name from duckdb_tables() where schema_name = 'landing'")
        self.tables = {name for (name,) in found.fetchall()}
        self.origin = origin
        self.lists_ids = origin.intercom is not None
        self.newest = {source: at for source in ("zendesk", "intercom") if (at := self.newest_of(source))}
        self.clock = origin.clock or max(self.newest.values(), default=datetime.now(UTC))
        self.loaded_at = origin.clock or datetime.now(UTC)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def rows(self, table: Table, earlier: Path | None) -> Iterator[pa.RecordBatch]:
        """The rows of a table in order of its key, each with the time when it was first landed as it is.

        That is, in microseconds since 1970, the time that it has in the Parquet file `earlier`, or now when it is new
        or has changed. What the help desk has deleted left no traces.
        """
        name = name_of(table)
        if name not in self.tables:
            return
        gone = "false"
        if table.name in ("ticket_comments", "ticket_events") and "zendesk__tickets" in self.tables:
            gone = OF_DELETED
        if table.name == "conversations" and self.lists_ids:
            gone = "id not in (select id from landing.intercom__conversation_ids)"
        columns = ", ".join(f'"{column}"' for column in (*table.columns, "_more"))
        now = (self.loaded_at - EPOCH) // timedelta(microseconds=1)
        if earlier is None:
            query = f"select {columns}, {now}::bigint as loaded_at from landing.{name}"
        else:
            # Of the earlier rows only a fingerprint is kept in memory; `hash` tells null from the empty text.
            query = f"""
                select {columns}, coalesce(earlier.loaded_at, {now}::bigint) as loaded_at
                from landing.{name} left join (
                    select {table.key} as key, hash({columns}) as content, min(epoch_us(_loaded_at)) as loaded_at
                    from read_parquet('{str(earlier).replace("'", "''")}') group by all
                ) as earlier on {table.key} = earlier.key and hash({columns}) = earlier.content
            """
        rows = self.connection.sql(f"{query} where ({gone}) is not true order by {table.key}")
        yield from rows.to_arrow_reader(ROWS)

    def newest_of(self, source: str) -> datetime | None:
        """When a record of a help desk changed last."""
        times = []
        for table in TABLES:
            column = next((name for name in ("updated_at", "created_at") if name in table.columns), None)
            if table.source == source and column and name_of(table) in self.tables:
                times += self.connection.execute(f"select max({column}) from landing.{name_of(table)}").fetchall()
        moments = [time_of(value) for (value,) in times if value is not None]
        return max(moments, default=None)

    def fields(self, table: Table) -> list[str]:
        """The fields that records of a table had, those that the lab reads and those that it keeps in `_more`."""
        name = name_of(table)
        if name not in self.tables:
            return []
        filled = ", ".join(f'count("{column}") > 0' for column in table.columns)
        (had,) = self.connection.execute(f"select {filled} from landing.{name}").fetchall()
        more = self.connection.execute(f"select distinct unnest(json_keys(_more)) from landing.{name}").fetchall()
        return sorted({c for c, is_filled in zip(table.columns, had, strict=True) if is_filled} | {m for (m,) in more})

    def rejects(self) -> pa.Table:
        """Everything that could not be read."""
        columns = ", ".join(f'"{name}"' for name in REJECTS.names)
        names = sorted(name for name in self.tables if name.endswith("__rejects"))
        if not names:
            return REJECTS.empty_table()
        union = " union all ".join(f"select {columns} from landing.{name}" for name in names)
        return self.connection.sql(f'{union} order by source, "table", line, reason, id').to_arrow_table()


def name_of(table: Table) -> str:
    return f"{table.source}__{table.name}"


def time_of(value: Any) -> datetime:
    return datetime.fromisoformat(value) if isinstance(value, str) else datetime.fromtimestamp(value, UTC)
