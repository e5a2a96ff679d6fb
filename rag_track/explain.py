"""One ticket through every stage: its record, document, chunks, neighbours, and the drafts that cite it.

Twin: `python -m etl_track rows`, which shows rows where this shows a text.
"""

import json
import re
import textwrap
from collections.abc import Iterator
from typing import Any

import pyarrow.parquet as pq
from rich.markup import escape
from rich.table import Table

from lab.console import console, say
from lab.errors import ConfigError, closest
from lab.settings import Settings
from rag_track.conversation import Conversation
from rag_track.documents import Document, conversations, document
from rag_track.redact import Redactor, people_in
from rag_track.retrieve import Retriever

WIDTH = 88  # characters of a line of text, beside the numbers of its chunks
NEIGHBOURS = 3
PASSAGE = 50
VALUE = 72  # characters of a value of the raw record
RECORDS = {"zendesk": "tickets", "intercom": "conversations"}  # the landed table that holds a ticket
PLACEHOLDER = re.compile(r"<[A-Z_]+>")


def explain(settings: Settings, ticket_key: str) -> None:
    """Print the ticket's way at 100 columns. Raises ConfigError for an unknown one, MissingStep without an index."""
    found = {one.ticket_key: one for one in conversations(settings.landing)}
    if ticket_key not in found:
        raise ConfigError(f"There is no ticket {ticket_key!r}.", next_step=f"use {closest(ticket_key, found)}")
    retriever = Retriever(settings)
    redactor = Redactor(people_in(settings.landing))
    cleaned = document(found[ticket_key], redactor, settings.notes, settings.boilerplate)
    show_record(found[ticket_key], raw_record(settings, found[ticket_key]), redactor)
    show_document(cleaned)
    chunks = chunks_of(retriever, ticket_key)
    show_chunks(cleaned, chunks)
    if chunks:
        show_neighbours(retriever, ticket_key, chunks)
    show_citations(settings, ticket_key)


def raw_record(settings: Settings, conversation: Conversation) -> dict[str, Any]:
    """The ticket's row in the landing, as the help desk sent it."""
    number = conversation.ticket_key.removeprefix(f"{conversation.source}-")
    table = pq.read_table(settings.landing / conversation.source / RECORDS[conversation.source])
    return next(row for row in table.to_pylist() if str(row["id"]) == number)


def show_record(conversation: Conversation, raw: dict[str, Any], redactor: Redactor) -> None:
    """The columns that landed, without personal data and shortened; then who said how much when."""
    say(f"\n[bold]1. The record[/]  {conversation.source}/{RECORDS[conversation.source]}, as it landed")
    for name, value in raw.items():
        if value not in (None, "", "null"):
            text = " ".join(redactor.redact(str(value)[: 4 * VALUE]).text.split())
            console.print(f"   [dim]{name:<20}[/] {escape(text if len(text) <= VALUE else text[: VALUE - 1] + '…')}")
    told = (conversation.product_category, conversation.customer_tier, conversation.region, conversation.language)
    solved = f"solved {conversation.solved_at:%Y-%m-%d %H:%M}" if conversation.solved_at else "not solved"
    say(f"\n   {', '.join(told)}; {solved}; rated {conversation.satisfaction}")
    for message in conversation.messages:
        say(f"   {message.sent_at:%Y-%m-%d %H:%M}  {message.speaker:<9}{len(message.text):>6,} characters")


def show_document(cleaned: Document) -> None:
    say("\n[bold]2. The document[/]")
    say(f"   {'knowledge' if cleaned.why_not is None else f'no knowledge: {cleaned.why_not}'}")
    say(f"   removed:  {counts(cleaned.removed)}")
    say(f"   replaced: {counts(cleaned.redactions)}")


def counts(found: dict[str, int]) -> str:
    return ", ".join(f"{number} {kind}" for kind, number in sorted(found.items())) or "nothing"


def chunks_of(retriever: Retriever, ticket_key: str) -> list[tuple[str, int, int, bool]]:
    """Id, start, end and the outdated mark of a ticket's chunks, in their order."""
    held = retriever.collection.get(where={"ticket_key": ticket_key}, include=["metadatas"])
    rows = zip(held["ids"], held["metadatas"] or [], strict=True)
    return sorted(((i, int(m["start"]), int(m["end"]), bool(m["is_outdated"])) for i, m in rows), key=lambda c: c[1])


def show_chunks(cleaned: Document, chunks: list[tuple[str, int, int, bool]]) -> None:
    """The text, with the numbers of the chunks that hold each line beside it."""
    outdated = ", outdated by a release" if any(mark for *_, mark in chunks) else ""
    say(f"\n[bold]3. The chunks[/]  {len(chunks)} in the index{outdated}")
    for begin, part in wrapped(cleaned.text):
        end = begin + len(part)
        held = [str(n) for n, (_, start, stop, _) in enumerate(chunks, 1) if start < end and begin < stop and part]
        shown = PLACEHOLDER.sub(r"[yellow]\g<0>[/]", escape(part))
        console.print(f"[dim]{'+'.join(held):>7}[/]  {shown}")


def wrapped(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a text, the long ones in several, each with its offset: text[offset:].startswith(line).

    >>> list(wrapped("one\\n\\ttwo"))
    [(0, 'one'), (4, '\\ttwo')]
    """
    wrap = textwrap.TextWrapper(WIDTH, expand_tabs=False, replace_whitespace=False, drop_whitespace=False).wrap
    at = 0
    for line in text.splitlines(keepends=True):
        begin = at
        for part in wrap(line.splitlines()[0]) or [""]:
            yield begin, part
            begin += len(part)
        at += len(line)


def show_neighbours(retriever: Retriever, ticket_key: str, chunks: list[tuple[str, int, int, bool]]) -> None:
    """What lies nearest to each chunk, in other tickets."""
    say("\n[bold]4. The neighbours[/]  nearest chunks of other tickets, by cosine")
    table = Table("chunk", "cosine", "ticket", "product", "passage", box=None, header_style="bold", pad_edge=False)
    found = retriever.collection.query(
        query_embeddings=retriever.vectors([chunk_id for chunk_id, *_ in chunks]),
        n_results=NEIGHBOURS,
        where={"ticket_key": {"$ne": ticket_key}},
        include=["documents", "metadatas", "distances"],
    )
    columns = (found["documents"] or [], found["metadatas"] or [], found["distances"] or [])
    for number, (texts, metadatas, distances) in enumerate(zip(*columns, strict=True), start=1):
        for text, meta, distance in zip(texts, metadatas, distances, strict=True):
            passage = textwrap.shorten(" ".join(text.split()), PASSAGE, placeholder="…")
            cells = (str(number), f"{1 - distance:.2f}", str(meta["ticket_key"]), str(meta["product_category"]))
            table.add_row(*cells, escape(passage))
    console.print(table)


def show_citations(settings: Settings, ticket_key: str) -> None:
    """The drafts of the last build that rest on it."""
    file = settings.home / "feedback" / "drafts.jsonl"
    drafts = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []
    citing = [draft for draft in drafts if ticket_key in draft["citations"]]
    say(f"\n[bold]5. Cited[/]  in {len(citing)} of {len(drafts)} drafts for open tickets")
    for draft in citing:
        question = textwrap.shorten(" ".join(draft["question"].split()), WIDTH - 22, placeholder="…")
        say(f"   {draft['ticket_key']:<18}{escape(question)}")
