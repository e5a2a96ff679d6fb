"""`python -m sample_data generate | check | preview`."""

from pathlib import Path
from typing import Annotated

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
def tomorrow() -> None:
    """Set the company's clock a day further: new tickets, late comments, reopenings, a deletion, a change of plan."""
    from sample_data.tomorrow import tomorrow as advance

    advance(read_settings())


@app.command()
def extract() -> None:
    """Extract to Parquet, from the company's simulated help desks or from those that the settings name."""
    from sample_data.extract import extract as pull

    pull(read_settings())


@app.command()
def serve(
    folder: Annotated[Path | None, typer.Argument(help="exports to serve; the sample company without it")] = None,
    port: Annotated[int, typer.Option(help="where to listen on this machine")] = 8900,
    misbehave: Annotated[
        float, typer.Option(help="share of requests to refuse, fail, delay, cut or break", min=0, max=1)
    ] = 0.0,
) -> None:
    """Serve exports as Zendesk and Intercom would, until Ctrl+C."""
    from sample_data.misbehave import Misbehaviour
    from sample_data.serve import serve as run_server

    share = misbehave / 5
    faults = Misbehaviour(rate_limited=share, server_error=share, slow=share, broken=share, cut=share)
    run_server(folder or read_settings().source, port, misbehaviour=faults)


@app.command()
def week() -> None:
    """Write the tickets of the next week that nobody has worked on (out/weeks)."""
    from sample_data.incoming import make_week, next_week

    settings = read_settings()
    make_week(settings, next_week(settings))


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
