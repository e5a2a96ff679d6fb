"""Show a draft on the terminal: the question, the hits behind the answer, the answer with its citations."""

from rich.markup import escape
from rich.table import Table

from lab.console import console, say
from rag_track.draft import CITATION, Draft, named


def show(draft: Draft, product: str | None, tier: str | None) -> None:
    """Print `draft` at 100 columns.

    Citations become numbers of the table's rows; one that was not retrieved keeps its name, with a question mark.
    """
    filters = ", ".join(f"{name} = {value}" for name, value in (("product", product), ("tier", tier)) if value)
    say(f"\n[bold]Question[/]  {escape(draft.question)}")
    say(f"[bold]Filters[/]   {filters or 'none'}\n")
    table = Table("", "ticket", "score", "product", "tier", "nearest passage", box=None, header_style="bold")
    numbers = {hit.ticket_key: number for number, hit in enumerate(draft.hits, start=1)}
    for hit in draft.hits:
        passage = " ".join(hit.text.split())
        passage = passage if len(passage) <= 88 else passage[:87] + "…"
        row = (hit.ticket_key, f"{hit.score:.2f}", hit.product_category, hit.customer_tier)
        table.add_row(str(numbers[hit.ticket_key]), *row, escape(passage))
    console.print(table)
    shown = {key: str(numbers.get(key, f"{key}?")) for key in named(draft.text)}
    text = CITATION.sub(lambda match: "".join(f" [{shown[key]}]" for key in named(match[0])), draft.text)
    say(f"\n[bold]Draft[/]  by {draft.model}, for a human agent to check\n")
    console.print(text, markup=False)
    if draft.citations:
        rests_on = ", ".join(f"[{numbers[key]}] {key}" for key in draft.citations)
        say(f"\n[dim]Rests on {rests_on}; {draft.seconds:.2f} s[/]")
