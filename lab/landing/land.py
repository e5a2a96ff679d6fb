"""Land both help desks: every table as Parquet under out/landing, what cannot be read under lab/rejects.

    out/landing/zendesk/tickets/part-0.parquet     … and so on for each table, with _source and _loaded_at
    out/landing/lab/rejects/part-0.parquet         source, table, line, reason, record
    out/landing/manifest.json                      the clock, counts, rejects, freshness, the fields there were

The whole folder is written aside and swapped in. It depends on what the help desks hold and on nothing else:
however the pages were cut and however often they came, the landing is the same.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from lab.aside import fingerprint, write_json, written_aside
from lab.console import say
from lab.forgotten import STORE, erase, read_forgotten
from lab.landing.origin import Origin
from lab.landing.pull import pull
from lab.landing.tables import REJECTS, TABLES, Table, arrow_schema
from lab.settings import Settings

ROWS = 20_000  # in one row group
OF_DELETED = "ticket_id in (select id from landing.zendesk__tickets where status = 'deleted')"


def land(settings: Settings, origin: Origin) -> dict[str, Any]:
    """Extract what is new from `origin`, write the landing, and return its manifest.

    Does nothing when `origin` says that nothing changed. Raises ConfigError or StageFailed when the extract fails;
    the old landing stays then.
    """
    before = read_manifest(settings)
    forgotten = read_forgotten(settings)
    state = fingerprint(Path(__file__).parent, also=f"{origin.name} {origin.state} {sorted(forgotten)}")
    if origin.state and before.get("state") == state:
        say(f"[bold]landing[/]  unchanged: {sum(before['rows'].values()):,} rows in {settings.landing}")
        return before
    erase(settings.extract / STORE, forgotten)
    pulled = pull(settings, origin)
    erase(settings.extract / STORE, forgotten)  # the help desk may still know them
    with Store(settings.extract / STORE, origin) as store, written_aside(settings.landing) as folder:
        rows = {f"{t.source}/{t.name}": write_table(store, folder, t) for t in TABLES}
        manifest: dict[str, Any] = {
            "origin": origin.name,
            "state": state,
            "clock": store.clock.isoformat(),
            "rows": rows,
            "rejects": write_rejects(store, folder),
            "newest_record_at": {source: at.isoformat() for source, at in store.newest.items()},
            "fields": {f"{table.source}/{table.name}": store.fields(table) for table in TABLES},
        }
        # What the tracks read decides whether they have anything to do.
        manifest["extracted_from"] = fingerprint(*sorted(folder.iterdir()), also=origin.name)
        write_json(folder / "manifest.json", manifest)
    count, bad = sum(rows.values()), sum(sum(reasons.values()) for reasons in manifest["rejects"].values())
    say(f"[bold]landing[/]  {sum(pulled.values()):,} records pulled, {count:,} rows in {settings.landing}")
    say(f"  {bad} records rejected, reasons in lab/rejects")
    for line in changed_fields(before.get("fields", {}), manifest["fields"]):
        say(f"  {line}")
    return manifest


def read_manifest(settings: Settings) -> dict[str, Any]:
    """What the landing was made from and holds; empty without a landing, or when a part of it is gone."""
    file = settings.landing / "manifest.json"
    if not file.exists():
        return {}
    manifest: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    there = all((settings.landing / table / "part-0.parquet").exists() for table in manifest["rows"])
    return manifest if there else {}


class Store:
    """What dlt has loaded: the newest state of every record, and what is to be landed of it."""

    def __init__(self, file: Path, origin: Origin) -> None:
        self.connection = duckdb.connect(str(file), config={"threads": 1})  # one thread keeps the order of rows
        found = self.connection.execute("select table_name from duckdb_tables() where schema_name = 'landing'")
        self.tables = {name for (name,) in found.fetchall()}
        self.lists_ids = origin.intercom is not None
        self.newest = {source: at for source in ("zendesk", "intercom") if (at := self.newest_of(source))}
        self.clock = origin.clock or max(self.newest.values(), default=datetime.now(UTC))
        self.loaded_at = origin.clock or datetime.now(UTC)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def rows(self, table: Table) -> Iterator[pa.RecordBatch]:
        """The rows of a table in order of its key, without traces of what the help desk has deleted."""
        name = name_of(table)
        if name not in self.tables:
            return
        gone = "false"
        if table.name in ("ticket_comments", "ticket_events") and "zendesk__tickets" in self.tables:
            gone = OF_DELETED
        if table.name == "conversations" and self.lists_ids:
            gone = "id not in (select id from landing.intercom__conversation_ids)"
        columns = ", ".join(f'"{column}"' for column in (*table.columns, "_more"))
        query = f"select {columns} from landing.{name} where ({gone}) is not true order by {table.key}"
        yield from self.connection.sql(query).to_arrow_reader(ROWS)

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


def write_table(store: Store, folder: Path, table: Table) -> int:
    """One table as Parquet, an empty one too, so that the tracks find the same columns whatever is missing."""
    path = folder / table.source / table.name / "part-0.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    stamp = pa.timestamp("us", tz="UTC")
    schema = arrow_schema(table).append(pa.field("_source", pa.string())).append(pa.field("_loaded_at", stamp))
    count = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in store.rows(table):
            source = pa.array([table.source] * len(batch), pa.string())
            loaded_at = pa.array([store.loaded_at] * len(batch), stamp)
            writer.write_batch(pa.RecordBatch.from_arrays([*batch.columns, source, loaded_at], schema=schema))
            count += len(batch)
    return count


def write_rejects(store: Store, folder: Path) -> dict[str, dict[str, int]]:
    """The rejects as Parquet; return their counts by table and reason."""
    rejects = store.rejects()
    path = folder / "lab/rejects/part-0.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(rejects.cast(REJECTS), path, compression="zstd")
    counts: dict[str, dict[str, int]] = {}
    for reject in rejects.select(["source", "table", "reason"]).to_pylist():
        reasons = counts.setdefault(f"{reject['source']}/{reject['table']}", {})
        reasons[reject["reason"]] = reasons.get(reject["reason"], 0) + 1
    return counts


def changed_fields(before: dict[str, list[str]], now: dict[str, list[str]]) -> Iterator[str]:
    """What is new and what is gone in the records of a table since the last landing."""
    for table, fields in now.items():
        old = set(before.get(table, fields))
        if new := sorted(set(fields) - old):
            yield f"{table} has new fields, kept in _more: {', '.join(new)}"
        if gone := sorted(old - set(fields)):
            yield f"{table} no longer has {', '.join(gone)}"
