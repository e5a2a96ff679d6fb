"""Shape: cut documents into chunks that the embedding model can read whole.

Twin: the ETL track's marts/fct_support_tickets.sql. There the grain is one row per ticket; here it is a
piece of meaning, as long as paragraphs and sentences allow.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rag_track.documents import Document


@dataclass(frozen=True)
class Chunk:
    """A piece of a document. Its id is made of ticket and offset: cutting again gives the same ids."""

    id: str
    ticket_key: str
    start: int  # offset in the document's text
    text: str
    text_hash: str
    source: str
    product_category: str
    customer_tier: str
    solved_at: int  # seconds since the epoch: Chroma compares numbers, not dates


def chunk(documents: Iterable[Document], size: int, overlap: int) -> Iterator[Chunk]:
    """Cut at paragraphs, then lines, then sentences, then words, into pieces of at most `size` characters.

    Neighbours share at most `overlap` characters. Offsets are exact: `text[start:start + len(piece)] == piece`.
    """
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(
        chunk_size=size, chunk_overlap=overlap, add_start_index=True, separators=["\n\n", "\n", ". ", " ", ""]
    )
    for document in documents:
        for piece in splitter.create_documents([document.text]):
            start = piece.metadata["start_index"]
            yield Chunk(
                id=f"{document.ticket_key}:{start}",
                ticket_key=document.ticket_key,
                start=start,
                text=piece.page_content,
                text_hash=hashlib.sha256(piece.page_content.encode()).hexdigest(),
                source=document.source,
                product_category=document.product_category,
                customer_tier=document.customer_tier,
                solved_at=int(document.solved_at.timestamp()),
            )
