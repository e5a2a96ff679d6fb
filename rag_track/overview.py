"""Overview: what a build made of the landing, as one static file, out/reports/rag.html, without a server or JavaScript.

Twin: etl_track/dashboard_page.py. There metrics are drawn; here what no metric shows: what was left out and replaced,
how long chunks are, where they lie, and how far right and wrong hits are apart. No passage and no key gets there.
"""

from collections import Counter
from datetime import datetime
from typing import Any

from lab.page import write_page
from lab.settings import Settings
from rag_track.chunk import Chunk
from rag_track.documents import Document
from rag_track.figures import judged_hits, length_figure, share, similarity_figure, space_figure
from rag_track.measure_redaction import Measured
from rag_track.redact import KINDS
from rag_track.retrieve import Retriever

WHY = {  # the reasons of knowledge.py
    "deleted": "what a help desk forgets is forgotten here",
    "not solved": "there is no solution yet; these wait for a draft",
    "spam": "no customer asked",
    "merged away": "it goes on in another conversation, which is kept",
    "closed without an answer": "no agent wrote what could be repeated",
    "rated bad and never corrected": "the answer was probably wrong",
}


def write_overview(
    settings: Settings, report: dict[str, Any], chunks: list[Chunk], knowledge: list[Document], retriever: Retriever
) -> None:
    """Write out/reports/rag.html about one build: `report` is rag.json, the others are what it was made of.

    Raises ConfigError when there is a golden set that cannot be read.
    """
    replaced = sum((document.redactions for document in knowledge), Counter[str]())
    counter = retriever.embeddings.token_counter
    lengths = [chunk.tokens for chunk in chunks if chunk.tokens is not None]
    write_page(
        settings.reports / "rag.html",
        "rag_track",
        "overview.html",
        report=report,
        freshness=describe_freshness(report["freshness"]),
        left_out=Counter(report["left_out"]).most_common(),
        why=WHY,
        replaced=[(kind, replaced[kind]) for kind in KINDS if replaced[kind] or kind in report["redaction"]],
        measured={kind: Measured(**counts) for kind, counts in report["redaction"].items()},
        share=share,
        figures=[
            length_figure(lengths, counter.limit if counter else None),
            space_figure(chunks, retriever),
            similarity_figure(judged_hits(settings.source / "golden", retriever), retriever.decline_below),
        ],
    )


def describe_freshness(freshness: dict[str, Any]) -> str:
    """The newest record landed, the newest conversation indexed, and the lag between them, in one line."""
    landed, indexed = freshness["newest_record_at"], freshness["newest_indexed_at"]
    if not landed or not indexed:
        return "Nothing is indexed yet."
    return (
        f"Newest record landed {written(landed)}, newest solution indexed {written(indexed)} (UTC): a lag of"
        f" {freshness['lag_minutes'] / 60:,.1f} hours, because what is not solved yet is landed and not indexed."
    )


def written(moment: str) -> str:
    """
    >>> written("2026-07-01T03:01:05+00:00")
    '1 Jul 2026, 03:01'
    """
    at = datetime.fromisoformat(moment)
    return f"{at.day} {at:%b %Y, %H:%M}"
