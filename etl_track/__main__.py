"""`python -m etl_track build | clean | shape | store | verify | metric | ask | rows`."""

from typing import Annotated

import typer
from rich.table import Table as Grid

from lab.console import console, run, say
from lab.errors import ConfigError, MissingStep
from lab.settings import read_settings

app = typer.Typer(
    help="The ETL track: from the landing to a tested warehouse.", no_args_is_help=True, add_completion=False
)


@app.command()
def build(select: Annotated[str | None, typer.Option(help="only this, in dbt's selector syntax")] = None) -> None:
    """All stages: build and test the warehouse with dbt."""
    from etl_track.build import build as build_all
    from etl_track.build import build_part

    if select:
        build_part(read_settings(), "build", "--select", select)
    else:
        build_all(read_settings())


@app.command()
def clean() -> None:
    """One stage: the staging models, one for each raw table, and their tests."""
    from etl_track.build import build_part

    build_part(read_settings(), "build", "--select", "staging")


@app.command()
def shape() -> None:
    """One stage: the intermediate models, both help desks in one shape, and their tests."""
    from etl_track.build import build_part

    build_part(read_settings(), "build", "--select", "intermediate")


@app.command()
def store() -> None:
    """One stage: the marts, the fact and its dimensions, and their tests."""
    from etl_track.build import build_part

    build_part(read_settings(), "build", "--select", "marts")


@app.command()
def verify() -> None:
    """One stage: every data test and unit test, on the warehouse that is there."""
    from etl_track.build import build_part

    build_part(read_settings(), "test")


@app.command()
def metric(
    name: str,
    by: Annotated[str, typer.Option(help="dimensions, separated by commas")] = "",
    where: Annotated[list[str] | None, typer.Option(help="dimension=value; repeat for more")] = None,
) -> None:
    """Print a metric: average_first_reply_minutes --by customer_tier,month."""
    from etl_track.metrics import open_warehouse, query_metric

    filters: dict[str, str] = {}
    for dimension, value in (pair(text) for text in where or []):
        if dimension in filters:
            raise ConfigError(f"--where names {dimension} twice.", next_step=f"group --by {dimension}, or ask twice")
        filters[dimension] = value
    with open_warehouse(read_settings()) as warehouse:
        table = query_metric(warehouse, name, tuple(name.strip() for name in by.split(",") if name.strip()), filters)
    show(table.columns, table.rows)


@app.command()
def ask(question: str) -> None:
    """Answer a question in words, when a metric measures it."""
    from etl_track.ask import ask as answer
    from etl_track.metrics import open_warehouse

    if not question.strip():
        raise ConfigError("There is no question.", next_step='ask "How many tickets came in by tier?"')
    with open_warehouse(read_settings()) as warehouse:
        said = answer(warehouse, question)
    say(said.text)
    if said.table and len(said.table.rows) > 1:
        show(said.table.columns, said.table.rows)


@app.command()
def rows(test: str) -> None:
    """Show the rows that a failing test found in the last build."""
    import duckdb

    building = read_settings().home / "building" / "warehouse.duckdb"
    if not building.exists():
        raise MissingStep("The last build did not fail.", next_step="make etl")
    with duckdb.connect(str(building), read_only=True) as connection:
        try:
            found = connection.sql(f'select * from test_failures."{test}" limit 20')
        except duckdb.CatalogException:
            raise ConfigError(f"No test {test!r} kept rows.", next_step="make etl") from None
        show(tuple(found.columns), tuple(found.fetchall()))


def pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise ConfigError(f"--where {text!r} is not dimension=value.", next_step="--where customer_tier=pro")
    return name, value


def show(columns: tuple[str, ...], rows: tuple[tuple[object, ...], ...]) -> None:
    grid = Grid(*columns, box=None, header_style="bold")
    for row in rows:
        grid.add_row(*(f"{cell:,.1f}" if isinstance(cell, float) else str(cell) for cell in row))
    console.print(grid)


if __name__ == "__main__":
    run(app, "etl_track")
