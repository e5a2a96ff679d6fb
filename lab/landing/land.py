"""Land both help desks: every table as Parquet under out/landing, what cannot be read under lab/rejects.

    out/landing/zendesk/tickets/part-0.parquet     … and so on for each table, with _source and _loaded_at
    out/landing/lab/rejects/part-0.parquet         source, table, line, reason, record
    out/landing/lab/loads/part-0.parquet           one row: origin, loaded_at, clock
    out/landing/manifest.json                      the clock, counts, rejects, freshness, the fields there were

The whole folder is written aside and swapped in. It depends on what the help desks hold and on nothing else:
however the pages were cut and however often they came, the landing is the same. Only _loaded_at also depends on
when it was landed: it says since when a row has been as it is, so that who reads on needs to read only what changed.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from lab.aside import fingerprint, write_json, written_aside
from lab.console import say
from lab.forgotten import STORE, erase, read_forgotten
from lab.landing.origin import Origin
from lab.landing.pull import pull
from lab.landing.store import Store
from lab.landing.tables import REJECTS, TABLES, Table, arrow_schema
from lab.settings import Settings

STAMP = pa.timestamp("us", tz="UTC")
LOADS = pa.schema([("origin", pa.string()), ("loaded_at", STAMP), ("clock", STAMP)])


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
    earlier = settings.landing if before.get("origin") == origin.name else None
    with Store(settings.extract / STORE, origin) as store, written_aside(settings.landing) as folder:
        rows = {f"{t.source}/{t.name}": write_table(store, folder, t, earlier) for t in TABLES}
        manifest: dict[str, Any] = {
            "origin": origin.name,
            "state": state,
            "clock": store.clock.isoformat(),
            "rows": rows,
            "rejects": write_rejects(store, folder),
            "newest_record_at": {source: at.isoformat() for source, at in store.newest.items()},
            "fields": {f"{table.source}/{table.name}": store.fields(table) for table in TABLES},
        }
        # What the tracks read decides whether they have anything to do, not that it was asked for once more.
        manifest["extracted_from"] = fingerprint(*sorted(folder.iterdir()), also=f"{origin.name} {store.clock}")
        write_load(store, folder, origin)
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
    tables = (*manifest["rows"], "lab/rejects", "lab/loads")
    there = all((settings.landing / table / "part-0.parquet").exists() for table in tables)
    return manifest if there else {}


def write_table(store: Store, folder: Path, table: Table, earlier: Path | None) -> int:
    """One table as Parquet, an empty one too, so that the tracks find the same columns whatever is missing.

    `earlier` is the landing before this one; of a row that is there as it is now, the time is kept.
    """
    path = part_of(folder, f"{table.source}/{table.name}")
    schema = arrow_schema(table).append(pa.field("_source", pa.string())).append(pa.field("_loaded_at", STAMP))
    before = earlier / path.relative_to(folder) if earlier else None
    count = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in store.rows(table, before if before and has_shape(before, schema) else None):
            *columns, loaded_at = batch.columns
            source = pa.array([table.source] * len(batch), pa.string())
            writer.write_batch(pa.RecordBatch.from_arrays([*columns, source, loaded_at.cast(STAMP)], schema=schema))
            count += len(batch)
    return count


def part_of(folder: Path, table: str) -> Path:
    """The one file of a table, in a folder that is there."""
    path = folder / table / "part-0.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def has_shape(file: Path, schema: pa.Schema) -> bool:
    """Whether a Parquet file is there and has these columns; an earlier version of the lab may have had others."""
    try:
        found: bool = pq.read_schema(file).equals(schema)
    except (OSError, pa.ArrowInvalid):
        return False
    return found


def write_load(store: Store, folder: Path, origin: Origin) -> None:
    """When this was landed, and the clock that the numbers of the warehouse stand at, as a table."""
    load = {"origin": origin.name, "loaded_at": store.loaded_at, "clock": store.clock}
    pq.write_table(pa.Table.from_pylist([load], schema=LOADS), part_of(folder, "lab/loads"), compression="zstd")


def write_rejects(store: Store, folder: Path) -> dict[str, dict[str, int]]:
    """The rejects as Parquet; return their counts by table and reason."""
    rejects = store.rejects()
    pq.write_table(rejects.cast(REJECTS), part_of(folder, "lab/rejects"), compression="zstd")
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
