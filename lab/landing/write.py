"""Write the landing: each table one Parquet file, with where its rows come from and since when they are as they are."""

from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from lab.landing.feedback import DRAFT_FEEDBACK, GivenFeedback
from lab.landing.origin import Origin
from lab.landing.store import Store
from lab.landing.tables import REJECTS, Table, arrow_schema

STAMP = pa.timestamp("us", tz="UTC")
LOADS = pa.schema([("origin", pa.string()), ("loaded_at", STAMP), ("clock", STAMP)])


def write_table(store: Store, folder: Path, table: Table, earlier: Path | None) -> int:
    """One table as Parquet, an empty one too, so that the tracks find the same columns whatever is missing.

    `earlier` is the landing before this one; of a row that is there as it is now, the time is kept.
    """
    path = part_of(folder, f"{table.source}/{table.name}")
    schema = landed_schema(table)
    before = earlier / path.relative_to(folder) if earlier else None
    count = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in store.rows(table, before if before and has_shape(before, schema) else None):
            *columns, loaded_at = batch.columns
            source = pa.array([table.source] * len(batch), pa.string())
            writer.write_batch(pa.RecordBatch.from_arrays([*columns, source, loaded_at.cast(STAMP)], schema=schema))
            count += len(batch)
    return count


def write_feedback(folder: Path, given: GivenFeedback, earlier: Path | None, loaded_at: datetime) -> int:
    """Feedback on drafts as Parquet. It is never changed: what is in `earlier` keeps the time at which it came."""
    path, schema = part_of(folder, "lab/draft_feedback"), landed_schema(DRAFT_FEEDBACK)
    before = earlier / path.relative_to(folder) if earlier else None
    known: dict[str, datetime] = {}
    if before and has_shape(before, schema):
        table = pq.read_table(before, columns=["feedback_id", "_loaded_at"])
        known = dict(zip(*table.to_pydict().values(), strict=True))
    rows = [row | {"_source": "lab", "_loaded_at": known.get(row["feedback_id"], loaded_at)} for row in given.rows]
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path, compression="zstd")
    return len(rows)


def landed_schema(table: Table) -> pa.Schema:
    """The columns of a table, where its rows come from, and when they came."""
    return arrow_schema(table).append(pa.field("_source", pa.string())).append(pa.field("_loaded_at", STAMP))


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


def write_rejects(store: Store, folder: Path, given: GivenFeedback) -> dict[str, dict[str, int]]:
    """The rejects as Parquet; return their counts by table and reason."""
    rejects = pa.concat_tables([store.rejects().cast(REJECTS), pa.Table.from_pylist(given.rejects, schema=REJECTS)])
    pq.write_table(rejects, part_of(folder, "lab/rejects"), compression="zstd")
    counts: dict[str, dict[str, int]] = {}
    for reject in rejects.select(["source", "table", "reason"]).to_pylist():
        reasons = counts.setdefault(f"{reject['source']}/{reject['table']}", {})
        reasons[reject["reason"]] = reasons.get(reject["reason"], 0) + 1
    return counts
