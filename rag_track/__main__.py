"""`python -m rag_track build | ask`."""

from typing import Annotated

import typer

from lab.console import run
from lab.errors import ConfigError
from lab.settings import read_settings

app = typer.Typer(
    help="The RAG track: from the landing to drafts with citations.", no_args_is_help=True, add_completion=False
)


@app.command()
def build() -> None:
    """Chunk, embed and index the resolved tickets; draft replies for open ones."""
    from rag_track.build import build as build_all

    build_all(read_settings())


@app.command()
def ask(
    question: str,
    product: Annotated[str | None, typer.Option(help="only tickets of this product category")] = None,
    tier: Annotated[str | None, typer.Option(help="only tickets of this customer tier")] = None,
) -> None:
    """Draft a reply to a new ticket, with citations and the hits behind it."""
    if not question.strip():
        raise ConfigError("There is no question.", next_step='make ask Q="The CSV stops after 10,000 rows"')
    from rag_track.draft import Drafter
    from rag_track.show import show

    settings = read_settings()
    show(Drafter(settings).draft(question, product, tier), product, tier)


if __name__ == "__main__":
    run(app, "rag_track")
