"""Measure what dbt costs: its models against the same SQL run plainly, a whole build, and an increment of one day.

Machines differ and are shared, so what counts is the ratio of two measurements in one run, not the seconds.
"""

import os
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import duckdb

from etl_track.run_dbt import invoke
from lab.console import say
from lab.errors import StageFailed
from lab.report import read_report, write_runs
from lab.settings import Settings, read_settings

ROUNDS = 3  # of models and plain SQL in turn; the fastest of each counts, it was disturbed least
MODELS = ("build", "--exclude-resource-type", "test", "unit_test", "--threads", "1", "--full-refresh")


@dataclass(frozen=True)
class Measured:
    """What one command took: seconds on the clock, and megabytes of memory at its peak."""

    seconds: float
    peak_mb: int


@dataclass(frozen=True)
class Statement:
    """One model as dbt ran it: the table or view it made, and the SQL behind it."""

    schema: str
    name: str
    kind: str  # table or view
    sql: str


def bench(settings: Settings, sizes: tuple[int, ...]) -> None:
    """Measure companies of these sizes (conversations) and write bench.json.

    Each company is kept under out/bench: made and extracted the first time, a day older every time. Raises
    StageFailed when a command fails; what was measured before is then already written.
    """
    for size in sizes:
        company = read_settings(home=settings.home / "bench" / str(size), tickets=size)
        say(f"[bold]bench[/]  {size:,} conversations in {company.home}; the first time takes long")
        for stage in (bench_build, bench_increment, bench_models):
            found = stage(company)
            tell(found)
            write_runs(settings.reports, [found])
    say(f"  report: {settings.reports / 'bench.json'}")


def bench_build(company: Settings) -> dict[str, Any]:
    """A whole build: parsing, unit tests, models, tests, the comparison with the truth, the overview."""
    measure(company, "sample_data", "generate")
    measure(company, "sample_data", "extract")
    took = measure(company, "etl_track", "build", "--full")
    return entry("etl build", company, took.seconds, tickets(company), peak_mb=took.peak_mb)


def bench_increment(company: Settings) -> dict[str, Any]:
    """The build of one day: `rows` are the tickets it had to make anew, `plain_seconds` a build of everything."""
    measure(company, "sample_data", "tomorrow")
    measure(company, "sample_data", "extract")
    took = measure(company, "etl_track", "build")
    report = read_report(company.reports / "etl.json", make="etl")
    if not report["incremental"]:
        raise StageFailed("The build after a day was no increment.", next_step="rm -r out/bench, then make bench")
    changed = tickets(company, "loaded_at = (select max(loaded_at) from marts.fct_support_tickets)")
    everything = measure(company, "etl_track", "build", "--full")
    # The models grow with the day. Start, parsing and tests, which look at everything, are the rest.
    models = sum(stage["seconds"] for stage in report["stages"] if stage["name"] in ("clean", "shape", "store"))
    found = entry("etl increment", company, took.seconds, changed, everything.seconds, took.peak_mb)
    return found | {"models_seconds": round(models, 3)}


def bench_models(company: Settings) -> dict[str, Any]:
    """The models alone, as dbt reports their time: `plain_seconds` is the same compiled SQL as one plain script.

    In a process of its own, because the next one would inherit its peak of memory.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        seconds, plain = process.submit(time_models, company).result()
    return entry("etl models", company, seconds, tickets(company), plain)


def entry(
    stage: str, company: Settings, seconds: float, rows: int, plain_seconds: float | None = None, peak_mb: int = 0
) -> dict[str, Any]:
    """A line of bench.json. What was not measured is left out."""
    found: dict[str, Any] = {"stage": stage, "size": company.tickets, "seconds": round(seconds, 3), "rows": rows}
    found |= {"per_second": round(rows / seconds, 1), "load": round(os.getloadavg()[0], 1)}
    if peak_mb:
        found["peak_mb"] = peak_mb
    if plain_seconds:
        found |= {"plain_seconds": round(plain_seconds, 3), "ratio": round(seconds / plain_seconds, 3)}
    return found


def tell(found: dict[str, Any]) -> None:
    peak = f"{found['peak_mb']:>7,} MB" if "peak_mb" in found else " " * 10
    ratio = f"   {found['ratio']:.2f} of {found['plain_seconds']:,.1f} s" if "ratio" in found else ""
    models = f", models {found['models_seconds']:.1f} s" if "models_seconds" in found else ""
    say(f"  {found['stage']:<15}{found['rows']:>9,} tickets{found['seconds']:>8.1f} s{peak}{ratio}{models}")


def tickets(company: Settings, condition: str = "true") -> int:
    with duckdb.connect(str(company.warehouse), read_only=True) as connection:
        query = f"select count(*) from marts.fct_support_tickets where {condition}"
        return int(connection.execute(query).fetchall()[0][0])


def measure(company: Settings, package: str, *words: str) -> Measured:
    """Run a command of the lab in a process of its own, as a student would, and measure it.

    Raises StageFailed that names where it wrote what it said when it fails.
    """
    said = company.logs / "bench.log"
    said.parent.mkdir(parents=True, exist_ok=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LAB_")}
    environment |= {"LAB_HOME": str(company.home), "LAB_TICKETS": str(company.tickets), "LAB_SEED": str(company.seed)}
    started = time.perf_counter()
    with said.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", package, *words], stdout=output, stderr=subprocess.STDOUT, env=environment
        )
        _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise StageFailed(f"{package} {' '.join(words)} failed.", next_step=f"read {said}")
    return Measured(seconds, used.ru_maxrss // (1024 * 1024 if sys.platform == "darwin" else 1024))


def time_models(company: Settings) -> tuple[float, float]:
    """dbt's seconds for all models, and those of the plain script; in turn, each into a new file."""
    modelled, plain = [], []
    for _ in range(ROUNDS):
        seconds, statements, warehouse = run_models(company)
        modelled.append(seconds)
        plain.append(run_plainly(company, statements, warehouse))
    return min(modelled), min(plain)


def run_models(company: Settings) -> tuple[float, list[Statement], Path]:
    """dbt's seconds for all models on one thread, what it ran in its order, and the file it made."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    warehouse = new_file(company, "dbt")
    results = invoke(company, warehouse, MODELS)
    DuckDBConnectionManager.close_all_connections()
    models = [result for result in results if str(result.node.resource_type) == "model"]
    statements = [
        Statement(
            schema=result.node.schema,
            name=result.node.name,
            kind="view" if result.node.config.materialized == "view" else "table",
            sql=result.node.compiled_code,
        )
        for result in models
    ]
    return sum(result.execution_time for result in models), statements, warehouse


def run_plainly(company: Settings, statements: list[Statement], made_by_dbt: Path) -> float:
    """The seconds that the same statements take as one script in a new file of the same name."""
    from etl_track.edit_distance import teach_edit_distance  # imports dbt

    warehouse = new_file(company, "plain")
    modelled = {(statement.schema, statement.name) for statement in statements}
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("set TimeZone = 'UTC'; set enable_progress_bar = false")
        teach_edit_distance(connection)
        for schema in {statement.schema for statement in statements} | {"snapshots"}:
            connection.execute(f"create schema if not exists {schema}")
        connection.execute(f"attach '{made_by_dbt}' as made (read_only)")
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = 'made'"
        ).fetchall()
        for schema, name in tables:
            if (schema, name) not in modelled:
                connection.execute(f"create table {schema}.{name} as from made.{schema}.{name}")
        connection.execute("detach made")
        started = time.perf_counter()
        for statement in statements:
            connection.execute(f"create {statement.kind} {statement.schema}.{statement.name} as {statement.sql}")
        return time.perf_counter() - started


def new_file(company: Settings, name: str) -> Path:
    """Where a new warehouse is made; the file's name is the database's, so the folder is what differs."""
    warehouse = company.home / "compared" / name / "warehouse.duckdb"
    warehouse.parent.mkdir(parents=True, exist_ok=True)
    warehouse.unlink(missing_ok=True)
    return warehouse
