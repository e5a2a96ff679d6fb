"""Shape: cut documents into chunks that the embedding model can read whole.

Twin: the ETL track's marts/fct_support_tickets.sql. There the grain is one row per ticket; here it is a
piece of meaning, as long as the chunker allows. The chunkers are in chunkers.py.
"""

import difflib
import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from lab.errors import ConfigError
from rag_track.chunkers import CHUNKERS, Span
from rag_track.documents import Document

SCHEMA_VERSION = 2  # of the fields below; a new one makes every chunk of an older index differ


@dataclass(frozen=True)
class Chunk:
    """A piece of a document: `document.text[start:end] == text`.

    Its id is made of ticket and offset: cutting again gives the same ids.
    """

    id: str
    ticket_key: str
    index: int  # its place in the document, from 0
    start: int  # offsets in the document's text
    end: int
    text: str
    text_hash: str
    source: str
    product_category: str
    customer_tier: str
    region: str
    language: str
    solved_at: int  # seconds since the epoch: Chroma compares numbers, not dates; of an open ticket when it began
    is_outdated: bool
    satisfaction: str  # good, bad or none
    document_hash: str
    redaction_count: int  # of the whole document
    schema_version: int = SCHEMA_VERSION
    tokens: int | None = None  # word pieces, as the embedding model counts them; None when nobody counted


def chunk(
    documents: Iterable[Document],
    size: int,
    overlap: int,
    chunker: str = "recursive",
    count: Callable[[list[str]], list[int]] | None = None,
) -> Iterator[Chunk]:
    """Cut each document into chunks of at most `size` characters; neighbours share at most `overlap`.

    `chunker` names one of CHUNKERS, of which `document` heeds neither number and `sentence` only the first. `count`
    gives each text's number of tokens (`TokenCounter.count`). Raises ConfigError for an unknown chunker.
    """
    if chunker not in CHUNKERS:
        close = difflib.get_close_matches(chunker, CHUNKERS, n=1, cutoff=0)[0]
        raise ConfigError(f"There is no chunker {chunker!r}.", next_step=f"use {close}, of {', '.join(CHUNKERS)}")
    for document in documents:
        found = CHUNKERS[chunker](document, size, overlap)
        texts = [document.text[span.start : span.end] for span in found]
        tokens = count(texts) if count else None
        for index, span in enumerate(found):
            yield made(document, index, span, tokens[index] if tokens else None)


def made(document: Document, index: int, span: Span, tokens: int | None) -> Chunk:
    """The chunk of one span, with what is known of its document."""
    text = document.text[span.start : span.end]
    return Chunk(
        id=f"{document.ticket_key}:{span.start}",
        ticket_key=document.ticket_key,
        index=index,
        start=span.start,
        end=span.end,
        text=text,
        text_hash=hashlib.sha256(text.encode()).hexdigest(),
        source=document.source,
        product_category=document.product_category,
        customer_tier=document.customer_tier,
        region=document.region,
        language=document.language,
        solved_at=int((document.solved_at or document.created_at).timestamp()),
        is_outdated=document.is_outdated,
        satisfaction=document.satisfaction,
        document_hash=document.hash,
        redaction_count=document.redaction_count,
        tokens=tokens,
    )
