"""The documentation of the dbt project as one static page that opens without a server."""

import shutil
from pathlib import Path

from etl_track.build import begin
from etl_track.run_dbt import invoke
from lab.aside import remove, written_aside
from lab.console import say
from lab.errors import MissingStep
from lab.settings import Settings


def docs(settings: Settings) -> Path:
    """Write out/reports/dbt.html: models, columns, tests and how they hang together; return its path.

    Reads a copy of the warehouse, so that nobody who has it open is in the way. Raises MissingStep without one.
    """
    if not settings.warehouse.exists():
        raise MissingStep(f"There is no warehouse at {settings.warehouse} yet.", next_step="make etl")
    page = settings.reports / "dbt.html"
    building = begin(settings, keep=True)
    invoke(settings, building, ("docs", "generate", "--static"))
    with written_aside(page) as aside:
        shutil.copy(settings.home / "dbt" / "static_index.html", aside)
    remove(building)
    say(f"[bold]docs[/]  every model, column and test: open {page}")
    return page
