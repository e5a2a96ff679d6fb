"""Build the track: documents, chunks, embeddings, index, and drafts for the tickets that wait.

Twin: etl_track/build.py. Retrieval transforms (chunks), then loads (index); analytics does it the other way round.
"""

import json
from collections import Counter
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from lab.aside import fingerprint, written_aside
from lab.console import say
from lab.errors import ConfigError
from lab.forgotten import read_forgotten
from lab.report import Report, read_report
from lab.settings import Settings
from rag_track.chunk import Chunk, chunk
from rag_track.conversation import Conversation
from rag_track.documents import LONGEST_TURN, Document, conversations, documents
from rag_track.draft import Draft, Drafter
from rag_track.embed import embeddings
from rag_track.index import is_there, specification, update_index
from rag_track.learn.verified import verified_documents
from rag_track.learn.versions import Version, base, served_version
from rag_track.llm.cost import CHARACTERS_PER_TOKEN
from rag_track.measure_redaction import measure
from rag_track.overview import write_overview
from rag_track.redact import Redactor, people_in
from rag_track.tokens import truncated
from rag_track.validity import mark_outdated, texts_compared

WAITING = 20  # open tickets, the newest first, that get a draft


def build(settings: Settings, version: Version | None = None) -> dict[str, Any]:
    """Bring the index up to date with the landing and draft for open tickets; return rag.json.

    `version` is what shall serve from now on; without it, what serves already. Embeds only texts it has never seen;
    does nothing when nothing changed. Raises MissingStep without a landing.
    """
    manifest = read_report(settings.landing / "manifest.json", make="landing")
    report_file = settings.reports / "rag.json"
    last = read_report(report_file, make="rag") if report_file.exists() else {}
    version = version or present_version(settings)
    model = version.model(settings)
    made_with = specification(settings, model)
    knobs = [
        settings.top_k,
        settings.llm,
        settings.retriever,
        settings.notes,
        settings.boilerplate,
        settings.decline_below,
        made_with,
        version.id,
    ]
    built_from = fingerprint(Path(__file__).parent, also=f"{manifest['extracted_from']} {knobs}")
    page = settings.reports / "rag.html"
    if last.get("built_from") == built_from and page.exists() and is_there(settings, model):
        say(f"[bold]rag[/]  unchanged: 0 chunks embedded, {last['chunks']:,} reused in {settings.index}")
        return last

    say(f"[bold]rag[/]  indexing with {model.name}, drafting with {settings.llm}")
    report = Report()
    with report.stage("clean") as stage:
        found, redactor = conversations(settings.landing), Redactor(people_in(settings.landing))
        everything = documents(found, redactor, settings.notes, settings.boilerplate)
        edits = verified_documents(settings, version)
        knowledge = [document for document in everything if document.why_not is None]
        redactions = sum((document.redactions for document in knowledge), Counter[str]())
        stage.rows_in, stage.rows_out = len(everything), len(knowledge)
        stage.note = f"conversations, knowledge; {redactions.total():,} placeholders set"
    with report.stage("shape") as stage:
        knowledge = mark_outdated(knowledge, settings.landing, embeddings(settings)) + edits
        counter = model.token_counter
        chunks = list(
            chunk(
                knowledge,
                settings.chunk_size,
                settings.chunk_overlap,
                settings.chunker,
                counter.count if counter else None,
            )
        )
        cut = truncated(chunks, counter.limit) if counter else []
        stage.rows_in, stage.rows_out, stage.note = len(knowledge), len(chunks), "documents, chunks"
    with report.stage("store") as stage:
        forgotten = fingerprint(also=str(sorted(read_forgotten(settings))))
        somebody_new = bool(last) and last.get("forgotten") != forgotten
        change = update_index(settings, chunks, model, anew=somebody_new, version=version.id)
        if somebody_new:
            model.keep_only([piece.text for piece in chunks] + texts_compared(knowledge, settings.landing))
        embedded = model.embedded
        stage.rows_in, stage.rows_out = len(chunks), change.added + change.kept
        stage.note = f"{change.added:,} added, {change.kept:,} kept, {change.removed:,} removed; {embedded:,} embedded"
    with report.stage("serve") as stage:
        waiting = [d for d in everything if d.why_not == "not solved" and d.turns]
        stage.rows_in, stage.note = len(waiting), "open tickets, drafts for the newest"
        drafter = Drafter(settings)
        drafted = draft_for(settings, drafter, sorted(waiting, key=lambda d: d.created_at, reverse=True)[:WAITING])
        stage.rows_out = len(drafted)
    written = report.write(
        report_file,
        documents=len(knowledge),
        verified=len(edits),
        version=version.id,
        chunks=len(chunks),
        embedded=embedded,
        reused=len(chunks) - min(embedded, len(chunks)),
        added=change.added,
        removed=change.removed,
        left_out=Counter(document.why_not for document in everything if document.why_not),
        outdated=sum(document.is_outdated for document in knowledge),
        boilerplate=sum((document.removed for document in knowledge), Counter[str]()),
        messages_cut=sum(document.messages_cut for document in knowledge),
        chunks_cut=len(cut),
        tokens_unread=sum(one.unread for one in cut),
        redaction=redaction(settings, redactor, found),
        freshness=freshness(manifest, knowledge),
        text=sizes(everything, chunks, drafted),
        model={"name": settings.embeddings, "digest": model.digest, "dimension": model.dimension},
        index=made_with,
        forgotten=forgotten,
        built_from=built_from,
    )
    write_overview(settings, written, chunks, knowledge, drafter.retriever)
    say(f"  overview: {page}")
    return written


def present_version(settings: Settings) -> Version:
    """The version that serves; the base one when it was learned for another embedding model, or is gone."""
    try:
        version = served_version(settings)
    except ConfigError as error:
        say(f"  {error}")
        return base(settings)
    return version if version.embeddings == settings.embeddings else base(settings)


def redaction(settings: Settings, redactor: Redactor, found: list[Conversation]) -> dict[str, dict[str, int]]:
    """How well personal data is found, by kind, against what was planted; {} on somebody's own data."""
    truth = settings.source / "truth" / "personal_data.jsonl"
    if not truth.exists():
        return {}
    texts = {(c.ticket_key, message.message_id): message.text[:LONGEST_TURN] for c in found for message in c.messages}
    return {kind: asdict(measured) for kind, measured in measure(redactor, texts, truth).items()}


def freshness(manifest: dict[str, Any], knowledge: list[Document]) -> dict[str, Any]:
    """The newest record landed beside the newest conversation indexed: open tickets are landed, not indexed."""
    landed = max(manifest["newest_record_at"].values(), default=None)
    indexed = max((document.solved_at for document in knowledge if document.solved_at), default=None)
    lag = datetime.fromisoformat(landed) - indexed if landed and indexed else None
    return {
        "newest_record_at": landed,
        "newest_indexed_at": indexed.isoformat() if indexed else None,
        "lag_minutes": None if lag is None else round(lag.total_seconds() / 60),
    }


def draft_for(settings: Settings, drafter: Drafter, waiting: list[Document]) -> list[Draft]:
    """Draft a reply for each waiting ticket into out/feedback/drafts.jsonl, and return the drafts."""
    target = settings.home / "feedback" / "drafts.jsonl"
    drafts = [drafter.draft(document.question) for document in waiting]
    with written_aside(target) as aside, aside.open("w", encoding="utf-8") as file:
        for document, draft in zip(waiting, drafts, strict=True):
            record = {"ticket_key": document.ticket_key, **draft.to_record()}
            del record["seconds"]  # the file is the same from run to run
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
    return drafts


def sizes(everything: list[Document], chunks: list[Chunk], drafts: list[Draft]) -> dict[str, int]:
    """Sums of characters, from which cost.py makes its averages."""
    asked = [draft for draft in drafts if draft.prompt_tokens]
    return {
        "conversations": len(everything),
        "chunks": len(chunks),
        "chunk_characters": sum(len(piece.text) for piece in chunks),
        "drafts": len(asked),
        "prompt_characters": sum(draft.prompt_tokens for draft in asked) * CHARACTERS_PER_TOKEN,
        "reply_characters": sum(len(draft.text) for draft in asked),
    }
