"""Build the track: documents, chunks, embeddings, index, and drafts for the tickets that wait.

Twin: etl_track/build.py. Retrieval transforms (chunks), then loads (index); analytics does it the other way round.
"""

import json
from pathlib import Path
from typing import Any

from lab.aside import fingerprint, written_aside
from lab.console import say
from lab.forgotten import read_forgotten
from lab.report import Report, read_report
from lab.settings import Settings
from rag_track.chunk import chunk
from rag_track.documents import LONGEST_TURN, Document, documents
from rag_track.embed import embeddings
from rag_track.index import folder, made_with, update_index

WAITING = 20  # open tickets, the newest first, that get a draft


def build(settings: Settings) -> dict[str, Any]:
    """Bring the index up to date with the landing and draft for open tickets; return rag.json.

    Embeds only texts it has never seen; does nothing when nothing changed. Raises MissingStep without a landing.
    """
    manifest = read_report(settings.landing / "manifest.json", make="landing")
    report_file = settings.reports / "rag.json"
    model = embeddings(settings)
    knobs = [settings.chunk_size, settings.chunk_overlap, settings.top_k, settings.llm, model.name]
    built_from = fingerprint(Path(__file__).parent, also=f"{manifest['extracted_from']} {knobs}")
    if report_file.exists() and made_with(folder(settings)) == model.name:
        last = read_report(report_file, make="rag")
        if last.get("built_from") == built_from:
            say(f"[bold]rag[/]  unchanged: 0 chunks embedded, {last['chunks']:,} reused in {settings.index}")
            return last

    say(f"[bold]rag[/]  indexing with {model.name}, drafting with {settings.llm}")
    report = Report()
    with report.stage("clean") as stage:
        everything = documents(settings.landing)
        knowledge = [document for document in everything if document.is_knowledge]
        stage.rows_in, stage.rows_out, stage.note = len(everything), len(knowledge), "conversations, resolved ones"
    with report.stage("shape") as stage:
        chunks = list(chunk(knowledge, settings.chunk_size, settings.chunk_overlap))
        stage.rows_in, stage.rows_out, stage.note = len(knowledge), len(chunks), "documents, chunks"
    with report.stage("store") as stage:
        forgotten = fingerprint(also=str(sorted(read_forgotten(settings))))
        somebody_new = report_file.exists() and read_report(report_file, make="rag").get("forgotten") != forgotten
        change = update_index(settings, chunks, model, model.name, anew=somebody_new)
        if somebody_new:
            model.keep_only([piece.text for piece in chunks])
        embedded = model.embedded
        stage.rows_in, stage.rows_out = len(chunks), change.added + change.kept
        stage.note = f"{change.added:,} added, {change.kept:,} kept, {change.removed:,} removed; {embedded:,} embedded"
    with report.stage("serve") as stage:
        waiting = [document for document in everything if not document.is_resolved and document.turns]
        stage.rows_in, stage.note = len(waiting), "open tickets, drafts for the newest"
        stage.rows_out = draft_for(settings, sorted(waiting, key=lambda d: d.created_at, reverse=True)[:WAITING])
    return report.write(
        report_file,
        documents=len(knowledge),
        chunks=len(chunks),
        embedded=embedded,
        reused=len(chunks) - min(embedded, len(chunks)),
        removed=change.removed,
        messages_cut=sum(len(turn.text) == LONGEST_TURN for document in knowledge for turn in document.turns),
        redaction={},  # nothing is redacted yet
        freshness=freshness(manifest, knowledge),
        model={"name": settings.embeddings, "digest": model.name.split()[1], "dimension": dimension(model)},
        forgotten=forgotten,
        built_from=built_from,
    )


def freshness(manifest: dict[str, Any], knowledge: list[Document]) -> dict[str, Any]:
    """The newest record landed beside the newest conversation indexed: open tickets are landed, not indexed."""
    newest = max((document.solved_at for document in knowledge), default=None)
    return {
        "newest_record_at": max(manifest["newest_record_at"].values(), default=None),
        "newest_indexed_at": newest.isoformat() if newest else None,
    }


def dimension(model: Any) -> int:
    return len(model.embed_query("dimension"))


def draft_for(settings: Settings, waiting: list[Document]) -> int:
    """Draft a reply for each waiting ticket into out/feedback/drafts.jsonl; return how many."""
    from rag_track.draft import Drafter

    drafter = Drafter(settings)
    target = settings.home / "feedback" / "drafts.jsonl"
    with written_aside(target) as aside, aside.open("w", encoding="utf-8") as file:
        for document in waiting:
            record = {"ticket_key": document.ticket_key, **drafter.draft(document.question[:2_000]).to_record()}
            del record["seconds"]  # the file is the same from run to run
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
    return len(waiting)
