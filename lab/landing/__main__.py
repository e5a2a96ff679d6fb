"""`python -m lab.landing`: extract both help desks to Parquet."""

import typer

from lab.console import run
from lab.settings import read_settings

app = typer.Typer(help="Extract both help desks to Parquet.", add_completion=False)


@app.command()
def land() -> None:
    """Land out/source as Parquet under out/landing."""
    from lab.landing.land import land as land_all

    land_all(read_settings())


if __name__ == "__main__":
    run(app, "lab.landing")
