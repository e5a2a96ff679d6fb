"""Shape: mark the answers that a release has made wrong.

Twin: the ETL track's dim_customers. What was true then is not what is true now, and both must stay known. The
company's release notes, articles of its help centre, say what held until a release and what holds since. A
conversation from before it whose answer means what held until then, and not what holds now, is outdated. The mark is
a guess by nearness: rag.json says how often, and the tests hold how well, against the sample company's truth.
"""

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from rag_track.documents import Document

if TYPE_CHECKING:
    from rag_track.embed import CachedEmbeddings

LABEL = "release-notes"
CHANGE = re.compile(
    r"<p>Until now: (?P<until_now>.*?)</p>\s*<p>Now: (?P<now>.*?)</p>\s*<p>For: (?P<tiers>[\w, ]+)", re.DOTALL
)
NEAR = 0.55  # cosine of an answer with what held until the release, at least: best F1 on the sample company


@dataclass(frozen=True)
class Change:
    """What a release changed, and for which tiers."""

    released_at: datetime
    until_now: str
    now: str
    tiers: frozenset[str]


def mark_outdated(knowledge: list[Document], landing: Path, embeddings: "CachedEmbeddings") -> list[Document]:
    """The same documents; those that a release made wrong are marked. Without release notes none is."""
    changes = list(release_changes(landing))
    if not changes:
        return knowledge
    answers = [last_answer(document) for document in knowledge]
    told = embeddings.vectors(answers)
    until_now = told @ embeddings.vectors([change.until_now for change in changes]).T
    now = told @ embeddings.vectors([change.now for change in changes]).T
    return [
        replace(document, is_outdated=any(map(partial(made_wrong, document), changes, before, since)))
        for document, before, since in zip(knowledge, until_now, now, strict=True)
    ]


def texts_compared(knowledge: list[Document], landing: Path) -> list[str]:
    """The texts whose vectors decide what is outdated."""
    changes = list(release_changes(landing))
    told = [text for change in changes for text in (change.until_now, change.now)]
    return told + [last_answer(document) for document in knowledge] if changes else []


def made_wrong(document: Document, change: Change, until_now: float, now: float) -> bool:
    """Whether a change makes a document's answer wrong, from its cosines with what held before and since."""
    is_older = document.solved_at is not None and document.solved_at < change.released_at
    return is_older and document.customer_tier in change.tiers and until_now >= NEAR and until_now > now


def last_answer(document: Document) -> str:
    """The agents' last words: what stands last counts."""
    return next((turn.text for turn in reversed(document.turns) if turn.speaker == "Agent"), "")


def release_changes(landing: Path) -> Iterator[Change]:
    """The changes in the landed release notes. A note that is not written as the company's are tells none."""
    if not (landing / "zendesk" / "articles").exists():
        return
    for article in pq.read_table(landing / "zendesk" / "articles").to_pylist():
        if LABEL in json.loads(article["label_names"] or "[]") and not article["draft"]:
            for found in CHANGE.finditer(article["body"] or ""):
                yield Change(
                    released_at=datetime.fromisoformat(article["created_at"]),
                    until_now=html.unescape(found["until_now"]),
                    now=html.unescape(found["now"]),
                    tiers=frozenset(tier.strip() for tier in found["tiers"].split(",")),
                )
