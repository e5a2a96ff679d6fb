"""`python -m sample_data generate | check | preview`."""

from pathlib import Path

import typer

from lab.console import run, say
from lab.settings import read_settings
from sample_data.catalogue import read_catalogue

app = typer.Typer(help="The sample company and its two help desks.", no_args_is_help=True, add_completion=False)


@app.command()
def generate() -> None:
    """Write what the help desks hold, the truth about it, and the golden set to out/source."""
    from sample_data.generate import generate as make

    make(read_settings())


@app.command()
def check() -> None:
    """Validate the catalogue and count what is in it."""
    catalogue = read_catalogue()
    for category in catalogue.categories:
        phrasings = sum(len(problem.phrasings) for problem in category.problems)
        golden = sum(len(problem.golden) for problem in category.problems)
        counts = f"{len(category.problems):>3} problems {phrasings:>4} phrasings {golden:>4} golden queries"
        say(f"{category.category:<14}{counts}")


@app.command()
def preview() -> None:
    """Renew the committed preview of twenty conversations for each help desk."""
    from sample_data.generate import preview as write

    write(Path(__file__).parent / "preview")


if __name__ == "__main__":
    run(app, "sample_data")
