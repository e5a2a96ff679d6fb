"""`python -m lab.landing`: extract the help desks that the settings name to Parquet."""

import typer

from lab.console import run
from lab.settings import read_settings

app = typer.Typer(help="Extract both help desks to Parquet.", add_completion=False)


@app.command()
def land() -> None:
    """Land your own exports (LAB_EXPORTS) or accounts (LAB_ZENDESK_URL, LAB_INTERCOM_TOKEN) under out/landing."""
    from lab.landing.land import land as land_all
    from lab.landing.origin import own_origin

    settings = read_settings()
    land_all(settings, own_origin(settings))


if __name__ == "__main__":
    run(app, "lab.landing")
