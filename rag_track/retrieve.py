"""Serve: the past tickets that are nearest to a new one, filtered by product category and customer tier.

Twin: the ETL track's metrics.py. There a filter is part of an exact answer; here it narrows what is compared.
"""

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lab.errors import ConfigError
from lab.settings import Settings
from rag_track.embed import CachedEmbeddings, embeddings
from rag_track.index import open_index

if TYPE_CHECKING:
    from langchain_chroma import Chroma

CHUNKS_PER_TICKET = 6  # nearest chunks read for each ticket wanted, because several may be of one ticket


@dataclass(frozen=True)
class Hit:
    """One past ticket, represented by its nearest chunk.

    `distance` is Chroma's (1 - cosine, lower is nearer), `score` is the cosine (higher is better).
    """

    ticket_key: str
    score: float
    distance: float
    chunk_id: str
    text: str
    product_category: str
    customer_tier: str


class Retriever:
    """Reads the index. Opened once; each question takes some milliseconds.

    Raises MissingStep when there is no index, ConfigError when it was made with another embedding model.
    """

    def __init__(self, settings: Settings) -> None:
        self.embeddings: CachedEmbeddings = embeddings(settings)
        self.store: Chroma = open_index(settings, self.embeddings, self.embeddings.name)
        self.values: dict[str, list[str]] = {}

    def retrieve(self, question: str, k: int, product: str | None = None, tier: str | None = None) -> list[Hit]:
        """At most `k` tickets, best first. Raises ConfigError for a filter value that the index does not have."""
        where = self.filters(product_category=product, customer_tier=tier)
        found = self.store.similarity_search_with_score(question, k=k * CHUNKS_PER_TICKET, filter=where)
        hits: dict[str, Hit] = {}
        # Copied sentences make equal distances: the id decides, so that the order is the same each time.
        for document, distance in sorted(found, key=lambda pair: (pair[1], str(pair[0].id))):
            meta = document.metadata
            hit = Hit(
                ticket_key=meta["ticket_key"],
                score=1 - distance,
                distance=distance,
                chunk_id=f"{meta['ticket_key']}:{meta['start']}",
                text=document.page_content,
                product_category=meta["product_category"],
                customer_tier=meta["customer_tier"],
            )
            hits.setdefault(hit.ticket_key, hit)  # the nearest chunk comes first and stands for the ticket
        return list(hits.values())[:k]

    def conversations(self, hits: list[Hit], longest: int) -> dict[str, str]:
        """The whole conversation behind each hit, put together from its chunks, at most `longest` characters each.

        Small chunks are found better; a solution is often in the chunk after the one that was found.
        """
        if not hits:
            return {}
        wanted: Any = {"ticket_key": {"$in": [hit.ticket_key for hit in hits]}}
        held = self.store.get(where=wanted)
        pieces: dict[str, list[tuple[int, str]]] = {}
        for text, meta in zip(held["documents"], held["metadatas"], strict=True):
            pieces.setdefault(meta["ticket_key"], []).append((meta["start"], text))
        return {hit.ticket_key: joined(sorted(pieces[hit.ticket_key]))[:longest] for hit in hits}

    def filters(self, **wanted: str | None) -> Any:
        """Chroma's filter for the given metadata, None for no filter."""
        clauses: list[dict[str, Any]] = []
        for name, value in wanted.items():
            if value is None:
                continue
            if value not in self.known(name):
                close = difflib.get_close_matches(value, self.known(name), n=1, cutoff=0.3) or self.known(name)
                raise ConfigError(f"No past ticket has {name} {value!r}.", next_step=f"use {' or '.join(close)}")
            clauses.append({name: {"$eq": value}})
        return {"$and": clauses} if len(clauses) > 1 else clauses[0] if clauses else None

    def known(self, name: str) -> list[str]:
        """Every value of a metadata field, sorted."""
        if name not in self.values:
            held = self.store.get(include=["metadatas"])
            self.values[name] = sorted({meta[name] for meta in held["metadatas"]})
        return self.values[name]


def joined(pieces: list[tuple[int, str]]) -> str:
    """Chunks put together at their offsets, overlaps once.

    >>> joined([(0, "one two"), (4, "two three")])
    'one two three'
    """
    text = ""
    for start, piece in pieces:
        text = text[:start] + "\n" * (start - len(text)) + piece  # the splitter drops white space at its cuts
    return text
