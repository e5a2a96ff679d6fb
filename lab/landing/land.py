"""Land both help desks: every table as Parquet under out/landing, what cannot be read under lab/rejects.

    out/landing/zendesk/tickets/part-0.parquet     … and so on for each table, with _source and _loaded_at
    out/landing/lab/rejects/part-0.parquet         source, table, line, reason, record
    out/landing/manifest.json                      the clock, counts, rejects, freshness

The whole folder is written aside and swapped in.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from lab.aside import fingerprint, write_json, written_aside
from lab.console import say, track
from lab.errors import MissingStep
from lab.landing.read import Unreadable, newest, read
from lab.landing.tables import TABLES, Table
from lab.settings import Settings

ARROW = {
    "int": pa.int64(),
    "str": pa.string(),
    "bool": pa.bool_(),
    "json": pa.string(),
    "iso": pa.string(),
    "epoch": pa.int64(),
}
REJECTS = pa.schema(
    [
        ("source", pa.string()),
        ("table", pa.string()),
        ("line", pa.int64()),
        ("reason", pa.string()),
        ("record", pa.string()),
    ]
)
BATCH = 5_000


@dataclass
class Landed:
    """What came of one run."""

    rows: dict[str, int] = field(default_factory=dict)
    rejects: list[dict[str, Any]] = field(default_factory=list)
    newest_record_at: dict[str, datetime] = field(default_factory=dict)

    def rejected(self) -> dict[str, dict[str, int]]:
        """Counts by table and reason."""
        counts: dict[str, dict[str, int]] = {}
        for reject in self.rejects:
            reasons = counts.setdefault(f"{reject['source']}/{reject['table']}", {})
            reasons[reject["reason"]] = reasons.get(reject["reason"], 0) + 1
        return counts


def raw_lines(source: Path, table: Table) -> Iterator[tuple[int, bytes]]:
    """The seam to the help desks: (line number, one JSON object) of a table. An absent file has no lines."""
    path = source / table.source / f"{table.name}.jsonl"
    if path.exists():
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield number, line


def land(settings: Settings) -> dict[str, Any]:
    """Land everything in `out/source` and return the manifest. Does nothing when nothing changed.

    Raises MissingStep when there is no source.
    """
    folders = [settings.source / source for source in ("zendesk", "intercom") if (settings.source / source).is_dir()]
    if not folders:
        raise MissingStep(f"There is nothing to land in {settings.source}.", next_step="make data")
    extracted_from = fingerprint(*folders, Path(__file__).parent)
    manifest_file = settings.landing / "manifest.json"
    if manifest_file.exists():
        manifest: dict[str, Any] = json.loads(manifest_file.read_text(encoding="utf-8"))
        there = all((settings.landing / table / "part-0.parquet").exists() for table in manifest["rows"])
        if there and manifest["extracted_from"] == extracted_from:
            say(f"[bold]landing[/]  unchanged: {sum(manifest['rows'].values()):,} rows in {settings.landing}")
            return manifest
    clock = read_clock(settings.source)
    with written_aside(settings.landing) as folder:
        # The sample company has its own clock; somebody's own exports are landed now.
        landed = write_tables(settings.source, folder, clock or datetime.now(UTC))
        clock = clock or max(landed.newest_record_at.values(), default=datetime.now(UTC))
        manifest = {
            "extracted_from": extracted_from,
            "clock": clock.isoformat(),
            "rows": landed.rows,
            "rejects": landed.rejected(),
            "newest_record_at": {name: at.isoformat() for name, at in landed.newest_record_at.items()},
        }
        write_json(folder / "manifest.json", manifest)
    rows, rejects = sum(landed.rows.values()), len(landed.rejects)
    say(f"[bold]landing[/]  {rows:,} rows in {settings.landing}, {rejects} records rejected, reasons in lab/rejects")
    return manifest


def read_clock(source: Path) -> datetime | None:
    """The sample company's "now"; None for somebody's own exports."""
    manifest = source / "manifest.json"
    if not manifest.exists():
        return None
    return datetime.fromisoformat(json.loads(manifest.read_text(encoding="utf-8"))["clock"])


def write_tables(source: Path, folder: Path, loaded_at: datetime) -> Landed:
    """Write every table, empty ones too, so that the tracks find the same columns whatever is missing."""
    landed = Landed()
    for table in TABLES:
        schema = pa.schema(
            [
                *((name, ARROW[kind]) for name, kind in table.columns.items()),
                ("_more", pa.string()),
                ("_source", pa.string()),
                ("_loaded_at", pa.timestamp("us", tz="UTC")),
            ]
        )
        path = folder / table.source / table.name / "part-0.parquet"
        landed.rows[f"{table.source}/{table.name}"] = write_parquet(
            path, schema, rows_of(source, table, landed, loaded_at)
        )
    write_parquet(folder / "lab/rejects/part-0.parquet", REJECTS, landed.rejects)
    return landed


def rows_of(source: Path, table: Table, landed: Landed, loaded_at: datetime) -> Iterator[dict[str, Any]]:
    path = source / table.source / f"{table.name}.jsonl"
    size = path.stat().st_size if path.exists() else 0
    lines = track(raw_lines(source, table), f"{table.source} {table.name}, bytes", size, lambda item: len(item[1]))
    for number, line in lines:
        try:
            row = read(table, line)
        except Unreadable as error:
            record = line[:2_000].decode("utf-8", "replace").rstrip("\n")
            landed.rejects.append(
                {"source": table.source, "table": table.name, "line": number, "reason": str(error), "record": record}
            )
            continue
        if at := newest(table, row):
            landed.newest_record_at[table.source] = max(at, landed.newest_record_at.get(table.source, at))
        yield {**row, "_source": table.source, "_loaded_at": loaded_at}


def write_parquet(path: Path, schema: pa.Schema, rows: Iterable[dict[str, Any]]) -> int:
    """Write `rows` in batches and return how many there were."""
    path.parent.mkdir(parents=True, exist_ok=True)
    count, batch = 0, []
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for row in rows:
            batch.append(row)
            if len(batch) == BATCH:
                count += write_batch(writer, schema, batch)
                batch = []
        count += write_batch(writer, schema, batch)
    return count


def write_batch(writer: pq.ParquetWriter, schema: pa.Schema, batch: list[dict[str, Any]]) -> int:
    writer.write_batch(pa.RecordBatch.from_pylist(batch, schema=schema))
    return len(batch)
