"""`python -m lab clean`: delete what runs have made."""

import typer

from lab.aside import remove
from lab.console import run, say
from lab.settings import read_settings

app = typer.Typer(help="The shared ground.", no_args_is_help=True, add_completion=False)

MADE = (
    *("source", "extract", "landing", "building", "warehouse.duckdb", "dbt", "index"),
    *("datasets", "feedback", "models", "reports", "logs"),
)


@app.callback()
def lab() -> None:
    """The shared ground."""


@app.command()
def clean() -> None:
    """Delete everything that runs have made below LAB_HOME, and nothing else that may lie there."""
    home = read_settings().home
    found = [home / name for name in MADE if (home / name).exists()]
    found += [*home.glob("*.new-[0-9]*"), *home.glob("*.old-[0-9]*")]  # of runs that were killed
    for path in found:
        remove(path)
    say(f"[bold]clean[/]  {len(found)} files and folders deleted in {home}")


if __name__ == "__main__":
    run(app, "lab")
