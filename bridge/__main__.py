"""`python -m bridge compare`."""

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


if __name__ == "__main__":
    run(app, "bridge")
