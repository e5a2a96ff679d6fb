"""Show a draft on the terminal: the question, the hits, the answer with its citations, and what it took."""

from datetime import UTC, datetime

from rich.markup import escape
from rich.table import Table

from lab.console import console, say
from rag_track.draft import DECLINES, Draft
from rag_track.filters import Filters

PASSAGE = 72  # characters of a passage in a line


def show(draft: Draft, filters: Filters) -> None:
    """Print `draft` at 100 columns. Citations become the numbers of the table's rows."""
    say(f"\n[bold]Question[/]  {escape(draft.question)}")
    say(f"[bold]Filters[/]   {filters}\n")
    table = Table("", "ticket", "score", "because", "tier", "solved", "nearest passage", box=None, header_style="bold")
    for number, hit in enumerate(draft.hits, start=1):
        passage = " ".join(hit.text.split())
        passage = passage if len(passage) <= PASSAGE else passage[: PASSAGE - 1] + "…"
        solved = f"{datetime.fromtimestamp(hit.solved_at, UTC):%Y-%m-%d}"
        cells = (str(number), hit.ticket_key, f"{hit.score:.3f}", hit.reason, hit.customer_tier, solved)
        table.add_row(*cells, escape(passage))
    console.print(table)
    say(f"\n[bold]Draft[/]  by {draft.model}, for a human agent to check\n")
    numbers = {hit.ticket_key: number for number, hit in enumerate(draft.hits, start=1)}
    sentences = [f"{s.text} {''.join(f'[{numbers[key]}]' for key in s.tickets)}" for s in draft.sentences]
    console.print(" ".join(sentences) or DECLINES, markup=False)
    for removed in draft.removed:
        say(f"\n[yellow]Removed:[/] {escape(removed.text)} [dim]({escape(removed.reason)})[/]")
    if draft.needs_human:
        say(f"\n[yellow]A human must look:[/] {escape(draft.why_human) or 'the model says so'}")
    say(f"\n[dim]{took(draft)}[/]")


def took(draft: Draft) -> str:
    """Tokens, cost and milliseconds by stage, in one line."""
    stages = ", ".join(f"{stage} {seconds * 1000:.0f}" for stage, seconds in draft.seconds.items())
    tokens = f"prompt {draft.input_tokens:,} tokens, answer {draft.output_tokens:,}, ${draft.usd:.4f}"
    return f"confidence {draft.confidence:.2f}; {tokens}; milliseconds: {stages}"
