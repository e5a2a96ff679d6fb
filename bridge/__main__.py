"""`python -m bridge compare | week | learn`."""

from typing import Annotated

import typer

from lab.console import run
from lab.settings import read_settings

app = typer.Typer(help="Where the tracks meet.", no_args_is_help=True, add_completion=False)


@app.callback()
def bridge() -> None:
    """Where the tracks meet."""


@app.command()
def compare() -> None:
    """Both tracks side by side, stage by stage and question by question."""
    from bridge.compare import compare as compare_all

    compare_all(read_settings())


@app.command()
def week(
    careless: Annotated[
        float, typer.Option(help="share of drafts that an agent does not read properly", min=0, max=1)
    ] = 0.03,
    poison: Annotated[bool, typer.Option(help="one of the five agents sends wrong answers on purpose")] = False,
) -> None:
    """A week at the desk: tickets, drafts, simulated agents' edits, learning; the report grows by a line."""
    from bridge.loop.week import week as work

    work(read_settings(), careless, poison)


@app.command()
def learn(
    fast: Annotated[bool, typer.Option("--fast", help="without fine-tuning, which takes minutes")] = False,
    without: Annotated[list[str] | None, typer.Option(help="an agent whose feedback is left out")] = None,
) -> None:
    """Learn from all feedback in three steps; the best version serves, if it is surely better."""
    from bridge.loop.learn import STEPS
    from bridge.loop.learn import learn as learn_all
    from bridge.loop.show import show_learned

    show_learned(learn_all(read_settings(), STEPS[:2] if fast else STEPS, without or ()))


if __name__ == "__main__":
    run(app, "bridge")
