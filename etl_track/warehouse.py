"""The warehouse as its readers find it: opened read-only, with the definitions of its metrics inside."""

from pathlib import Path

import duckdb

from lab.errors import MissingStep, StageFailed
from lab.settings import Settings

Stamp = tuple[int, int]  # which file: its modification time in nanoseconds, and its inode
TRIES = 10


def open_warehouse(settings: Settings) -> duckdb.DuckDBPyConnection:
    """A read-only connection to the newest warehouse; whoever opened an older one keeps it.

    Raises MissingStep when the marts were not built yet, StageFailed while another program writes to the file.
    """
    return open_snapshot(settings.warehouse)[0]


def open_snapshot(warehouse: Path) -> tuple[duckdb.DuckDBPyConnection, Stamp]:
    """A read-only connection, and the stamp of the very file that it reads."""
    for _ in range(TRIES):
        # DuckDB gives two connections to one path the same database, the old one after a swap, as long as anybody
        # has it open. A database of its own, to which the file is attached, always opens the file that is there.
        connection = duckdb.connect(":memory:")
        try:
            stamp = stamp_of(warehouse)
            quoted = str(warehouse.resolve()).replace("'", "''")
            connection.execute(f"attach '{quoted}' as warehouse (read_only)")
            connection.execute("use warehouse")
            connection.table("warehouse.marts.fct_support_tickets")
            if stamp_of(warehouse) == stamp:
                return connection, stamp
        except FileNotFoundError:
            connection.close()
            raise MissingStep(f"There is no warehouse at {warehouse} yet.", next_step="make etl") from None
        except duckdb.CatalogException:
            connection.close()
            raise MissingStep(f"{warehouse} has no marts yet, only earlier stages.", next_step="make etl") from None
        except duckdb.IOException as error:
            connection.close()
            raise StageFailed(f"{warehouse} cannot be read: {error}", next_step="close what has it open") from None
        connection.close()
    raise StageFailed(f"{warehouse} is replaced faster than it can be read.", next_step="wait for the build")


def stamp_of(file: Path) -> Stamp:
    found = file.stat()
    return found.st_mtime_ns, found.st_ino


def keep_manifest(warehouse: Path, target: Path) -> None:
    """Put dbt's semantic manifest, from its folder `target`, into the warehouse file that it describes.

    So the definitions change in the same moment as the tables, and whoever has the file has its metrics.
    """
    text = (target / "semantic_manifest.json").read_text(encoding="utf-8")
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create schema if not exists semantic")
        connection.execute("create or replace table semantic.manifest as select cast(? as varchar) as content", [text])


def read_manifest(warehouse: duckdb.DuckDBPyConnection) -> str:
    """The semantic manifest that the warehouse was built with. Raises MissingStep when it has none."""
    try:
        return str(warehouse.execute("select content from semantic.manifest").fetchall()[0][0])
    except duckdb.CatalogException:
        raise MissingStep("The warehouse has no metrics yet.", next_step="make etl") from None
