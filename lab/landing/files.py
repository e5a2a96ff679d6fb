"""Somebody's own exports: JSON lines as the APIs return them, `<folder>/<help desk>/<table>.jsonl`."""

from collections.abc import Iterator
from pathlib import Path

from lab.landing.tables import Table

LINES = 5_000  # in one batch

Line = tuple[int, bytes]  # its number, from 1, and one JSON object


def batches(folder: Path, table: Table) -> Iterator[list[Line]]:
    """The lines of a table, some thousands at a time. An absent file has none."""
    path = folder / table.source / f"{table.name}.jsonl"
    if not path.exists():
        return
    batch: list[Line] = []
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                batch.append((number, line))
            if len(batch) == LINES:
                yield batch
                batch = []
    yield batch
