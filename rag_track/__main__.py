"""`python -m rag_track build | ask | feedback | explain | cost | serve | bench`."""

from pathlib import Path
from typing import Annotated

import typer

from lab.console import run, say
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
    where: Annotated[list[str] | None, typer.Option(help="another filter, such as since=2026-01-01")] = None,
) -> None:
    """Draft a reply to a new ticket, with citations and the hits behind it."""
    if not question.strip():
        raise ConfigError("There is no question.", next_step='make ask Q="The CSV stops after 10,000 rows"')
    from lab.trace import tracing
    from rag_track.draft import Drafter
    from rag_track.feedback import keep_draft
    from rag_track.filters import parse_filters
    from rag_track.show import show

    given = [f"{name}={value}" for name, value in (("product_category", product), ("customer_tier", tier)) if value]
    filters = parse_filters(given + (where or []))
    settings = read_settings()
    drafter = Drafter(settings)
    drafter.warm_up()
    with tracing(settings):
        draft = drafter.draft(question, filters)
    show(draft, filters)
    kept = keep_draft(settings, draft, filters)
    say(f"[dim]kept as {kept.id}; when it was sent: make feedback DRAFT={kept.id} FILE=reply.txt[/]")


@app.command()
def feedback(
    draft: str,
    file: Annotated[Path | None, typer.Option(help="the reply as it was sent; without it, the draft was")] = None,
    reject: Annotated[str, typer.Option(help="why the draft is of no use")] = "",
    agent: Annotated[str, typer.Option(help="who judged it")] = "agent-1",
) -> None:
    """Keep what became of a draft: accepted, edited (the reply in a file), or rejected."""
    from rag_track.feedback import Judged, give

    give(read_settings(), draft, Judged(agent, file, reject))


@app.command()
def explain(ticket: str) -> None:
    """Follow one ticket: record, document, chunks on its text, neighbours, and the drafts that cite it."""
    from rag_track.explain import explain as follow

    follow(read_settings(), ticket)


@app.command()
def cost() -> None:
    """What indexing, drafting and judging would cost at three sizes, and what was really spent."""
    from lab.report import read_report
    from rag_track.llm.calls import CallLog
    from rag_track.llm.cost import averages, read_prices, show_cost

    settings = read_settings()
    report = settings.reports / "rag.json"
    mean = averages(read_report(report, make="rag") if report.exists() else {})
    show_cost(read_prices(), mean, CallLog(settings.calls).spent())


@app.command()
def bench() -> None:
    """Measure embedding, retrieval and the service on the index that is there: out/reports/bench.json."""
    from rag_track.bench import bench as measure

    measure(read_settings())


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="where; beyond this machine LAB_SERVICE_KEY is needed")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="of that address", min=1, max=65535)] = 8800,
) -> None:
    """Drafts over HTTP, until Ctrl+C."""
    from rag_track.service.serve import serve as run_service

    settings = read_settings()
    run_service(settings, host, port, settings.service_key.get_secret_value())


if __name__ == "__main__":
    run(app, "rag_track")
