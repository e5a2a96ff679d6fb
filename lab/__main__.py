"""`python -m lab clean`: delete what runs have made."""

from typing import Annotated

import typer

from lab.aside import remove
from lab.console import run, say
from lab.settings import read_settings

app = typer.Typer(help="The shared ground.", no_args_is_help=True, add_completion=False)

MADE = (
    *("source", "extract", "landing", "building", "warehouse.duckdb", "dbt", "index"),
    *("datasets", "feedback", "serving", "models", "reports", "logs", "bench", "compared", "calls.duckdb"),
    *("calls.duckdb.lock", "forgotten.json", "forgetting.json", "experiments", "evals", "weeks", "trials"),
    *("agent", "traces"),
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


@app.command()
def forget(address: Annotated[str, typer.Argument(help="the e-mail address of a contact")]) -> None:
    """Write down that a person must be forgotten; the stages that follow erase what they made of them."""
    from lab.forgotten import forget as write_down

    tickets = write_down(read_settings(), address)
    say(f"[bold]forget[/]  {tickets} tickets of this person will be erased, at every stage")


@app.command()
def prove() -> None:
    """Search every file below LAB_HOME for the person who was forgotten last."""
    from lab.proof import prove as search

    files = search(read_settings())
    say(f"[bold]forget[/]  proven: {files:,} files searched, nothing of the person is left")


if __name__ == "__main__":
    run(app, "lab")
