"""`python -m etl_track build | clean | shape | store | verify | metric | metrics | ask | docs | bench | rows`."""

from datetime import date
from typing import Annotated

import typer
from rich.table import Table as Grid

from lab.console import console, run
from lab.errors import ConfigError, MissingStep
from lab.settings import read_settings

app = typer.Typer(
    help="The ETL track: from the landing to a tested warehouse.", no_args_is_help=True, add_completion=False
)


@app.command()
def build(
    select: Annotated[str | None, typer.Option(help="only this, in dbt's selector syntax")] = None,
    full: Annotated[bool, typer.Option("--full", help="everything anew, not only what changed")] = False,
) -> None:
    """All stages: build and test the warehouse with dbt."""
    from etl_track.build import build as build_all
    from etl_track.build import build_part

    if select:
        build_part(read_settings(), "build", "--select", select)
    else:
        build_all(read_settings(), full=full)


@app.command()
def clean() -> None:
    """One stage: the staging models, one for each raw table, and their tests."""
    from etl_track.build import CLEAN, build_part

    build_part(read_settings(), "build", *CLEAN)


@app.command()
def shape() -> None:
    """One stage: the intermediate models, both help desks in one shape, and their tests."""
    from etl_track.build import SHAPE, build_part

    build_part(read_settings(), "build", *SHAPE)


@app.command()
def store() -> None:
    """One stage: the marts, facts and dimensions, and their tests."""
    from etl_track.build import STORE, build_part

    build_part(read_settings(), "build", *STORE)


@app.command()
def verify() -> None:
    """One stage: every data test and unit test, on the warehouse that is there."""
    from etl_track.build import build_part

    build_part(read_settings(), "test")


@app.command()
def metric(
    name: str,
    by: Annotated[str, typer.Option(help="dimensions, month or metric_time__week, separated by commas")] = "",
    where: Annotated[list[str] | None, typer.Option(help="dimension=value or =value,value; repeat for more")] = None,
    since: Annotated[str, typer.Option(help="the first day, such as 2026-01-01")] = "",
    until: Annotated[str, typer.Option(help="the day before which it ends")] = "",
) -> None:
    """Print a metric: average_first_reply_minutes --by customer_tier,month."""
    from etl_track.metrics import open_warehouse, query_metric
    from etl_track.semantics import definitions
    from etl_track.tables import show_table

    filters: dict[str, tuple[str, ...]] = {}
    for dimension, values in (pair(text) for text in where or []):
        if dimension in filters:
            raise ConfigError(f"--where names {dimension} twice.", next_step=f"--where {dimension}=one,other")
        filters[dimension] = values
    with open_warehouse(read_settings()) as warehouse:
        table = query_metric(warehouse, name, listed(by), filters, day(since), day(until))
        unit = definitions(warehouse).metric(name).unit
    show_table(table, unit)


@app.command()
def metrics() -> None:
    """List every metric: its unit, what it means, and what it can be grouped by."""
    from etl_track.metrics import open_warehouse
    from etl_track.semantics import definitions
    from etl_track.tables import show_metrics

    with open_warehouse(read_settings()) as warehouse:
        show_metrics(definitions(warehouse))


@app.command()
def ask(question: str) -> None:
    """Answer a question in words, when a metric measures it."""
    from etl_track.ask import ask as answer
    from etl_track.metrics import open_warehouse

    if not question.strip():
        raise ConfigError("There is no question.", next_step='ask "How many tickets came in by tier?"')
    with open_warehouse(read_settings()) as warehouse:
        said = answer(warehouse, question)
    console.print(said.text, markup=False)


@app.command()
def docs() -> None:
    """Write the documentation of all models as one page: out/reports/dbt.html."""
    from etl_track.docs import docs as write_docs

    write_docs(read_settings())


@app.command()
def bench(sizes: list[int]) -> None:
    """Measure builds of companies with so many conversations, and write out/reports/bench.json."""
    from etl_track.bench import bench as measure

    measure(read_settings(), tuple(sizes))


@app.command()
def rows(test: str) -> None:
    """Show the rows that a failing or warning test found in the last build."""
    import duckdb

    settings = read_settings()
    building = settings.home / "building" / "warehouse.duckdb"
    warehouse = building if building.exists() else settings.warehouse  # what failed was not swapped in
    if not warehouse.exists():
        raise MissingStep("There was no build yet.", next_step="make etl")
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        try:
            found = connection.sql(f'select * from test_failures."{test}" limit 20')
        except duckdb.CatalogException:
            raise ConfigError(f"No test {test!r} kept rows.", next_step="make etl") from None
        show(tuple(found.columns), tuple(found.fetchall()))


def pair(text: str) -> tuple[str, tuple[str, ...]]:
    name, equals, values = text.partition("=")
    if not equals:
        raise ConfigError(f"--where {text!r} is not dimension=value.", next_step="--where customer_tier=pro")
    return name.strip(), listed(values)


def listed(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise ConfigError(f"{text!r} is no day.", next_step="write it as 2026-01-31") from None


def show(columns: tuple[str, ...], rows: tuple[tuple[object, ...], ...]) -> None:
    grid = Grid(*columns, box=None, header_style="bold")
    for row in rows:
        grid.add_row(*(f"{cell:,.1f}" if isinstance(cell, float) else str(cell) for cell in row))
    console.print(grid)


if __name__ == "__main__":
    run(app, "etl_track")
