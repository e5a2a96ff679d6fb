"""Serve: the past tickets that help most with a new one, narrowed by filters.

Twin: the ETL track's metrics.py. There a filter is part of an exact answer; here it narrows what is compared.
Four retrievers: `dense` (nearness of vectors), `bm25` (shared words), `hybrid` (both, fused), `mmr` (near, but unlike
each other; Carbonell and Goldstein, 1998). A reranker may read the best again; validity and age weigh in last.
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from lab.errors import ConfigError, closest
from lab.settings import Settings
from lab.trace import documents, span
from rag_track.embed import CachedEmbeddings
from rag_track.filters import NO_FILTERS, Filters, where
from rag_track.hit import Hit, fuse, hit_of, weighted
from rag_track.index import Collection, must_fit, open_index
from rag_track.learn.versions import version_of
from rag_track.lexical import LexicalIndex
from rag_track.rerank import RERANKED, reranker

RETRIEVERS = ("dense", "bm25", "hybrid", "mmr")
CHUNKS_PER_TICKET = 6  # nearest chunks read for each ticket wanted, because several may be of one ticket
FUSED = 50  # tickets of each ranking that are fused, or from which the unlike ones are picked
LIKENESS = 0.7  # MMR's lambda: 1 is nearness alone, 0 difference alone


class Retriever:
    """Reads the index. Opened once; each question takes some milliseconds.

    Raises MissingStep when there is no index, ConfigError when it was made otherwise or the retriever is unknown.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.collection: Collection = open_index(settings)
        self.version = version_of(settings, self.collection)
        self.embeddings: CachedEmbeddings = self.version.model(settings)
        must_fit(self.collection, settings, self.embeddings)
        self.reranker = reranker(settings.reranker, self.embeddings)
        self.by = settings.retriever
        if self.by not in RETRIEVERS:
            raise ConfigError(f"There is no retriever {self.by!r}.", next_step=f"use {closest(self.by, RETRIEVERS)}")

    @property
    def decline_below(self) -> float:
        """The similarity that the best past ticket must have for a draft."""
        return self.version.bound(self.settings)

    def retrieve(self, question: str, k: int, filters: Filters = NO_FILTERS, by: str | None = None) -> list[Hit]:
        """At most `k` tickets, best first. Raises ConfigError for a filter value that the index does not have."""
        with span("RETRIEVER", "retrieve", question) as traced:
            hits = self.ranked(question, k, filters, by)
            traced |= documents([(hit.ticket_key, hit.score, hit.text) for hit in hits])
        return hits

    def ranked(self, question: str, k: int, filters: Filters, by: str | None) -> list[Hit]:
        """The same, without a trace."""
        rankings = {"dense": self.dense, "bm25": self.bm25, "hybrid": self.hybrid, "mmr": self.mmr}
        hits = rankings[by or self.by](question, max(k, FUSED), filters)
        if self.reranker:
            hits = self.reranker.rerank(question, hits[: max(k, RERANKED)])
        weights = (self.settings.outdated_weight, self.settings.half_life, self.chunks.newest)
        hits = [weighted(hit, *weights) for hit in hits]
        hits = sorted(hits, key=lambda hit: -hit.score)[:k]  # a stable sort: equal scores keep their order
        if self.settings.chunker != "parent":
            return hits
        whole = self.conversations(hits)  # its small chunks are there to be found; what is returned is around them
        return [replace(hit, text=whole[hit.ticket_key], start=0) for hit in hits]

    def dense(self, question: str, k: int, filters: Filters) -> list[Hit]:
        """The tickets with the nearest chunks. What was learned from feedback moves the question, not the chunks."""
        found = self.collection.query(
            query_embeddings=[self.version.adapted(self.embeddings.vector(question))],
            n_results=k * CHUNKS_PER_TICKET,
            where=where(filters, self.collection),
            include=["distances"],  # texts and metadata of hundreds of chunks would take ten times as long
        )
        # Copied sentences make equal distances: the id decides, so that the order is the same each time.
        nearest = sorted(zip(found["distances"][0], found["ids"][0], strict=True))
        first: dict[str, Hit] = {}  # the best chunk stands for its ticket
        for distance, chunk_id in nearest:
            if chunk_id not in self.chunks.held:  # written to a server since the index was opened
                continue
            text, meta = self.chunks.held[chunk_id]
            hit = hit_of(chunk_id, text, meta, 1 - distance, 1 - distance, f"similarity {1 - distance:.2f}")
            first.setdefault(hit.ticket_key, hit)
        return list(first.values())[:k]

    def bm25(self, question: str, k: int, filters: Filters) -> list[Hit]:
        """The tickets whose chunks share the rarest words with the question."""
        chunks = self.chunks
        scores = chunks.lexical.scores(question)
        if (clause := where(filters, self.collection)) is not None:
            allowed = set(self.collection.get(where=clause, include=[])["ids"])
            scores = scores * np.array([chunk_id in allowed for chunk_id in chunks.ids])
        first: dict[str, int] = {}  # the best chunk stands for its ticket
        for n in np.argsort(-scores, kind="stable"):  # the chunks are in order of their ids: equal scores keep it
            if scores[n] <= 0 or len(first) == k:
                break
            first.setdefault(chunks.held[chunks.ids[n]][1]["ticket_key"], n)
        ids = [chunks.ids[n] for n in first.values()]
        found = zip(ids, (scores[n] for n in first.values()), self.similarities(question, ids), strict=True)
        return [
            hit_of(chunk_id, *chunks.held[chunk_id], float(score), similarity, f"BM25 {score:.1f}")
            for chunk_id, score, similarity in found
        ]

    def hybrid(self, question: str, k: int, filters: Filters) -> list[Hit]:
        """Both rankings fused: each place counts 1 / (60 + rank)."""
        return fuse(dense=self.dense(question, k, filters), bm25=self.bm25(question, k, filters))

    def mmr(self, question: str, k: int, filters: Filters) -> list[Hit]:
        """The near ones, each picked for being unlike those before it (maximal marginal relevance)."""
        hits = self.dense(question, FUSED, filters)
        vectors = self.vectors([hit.chunk_id for hit in hits])
        picked: list[int] = []
        for _ in hits[:k]:
            like_picked = (vectors @ vectors[picked].T).max(axis=1) if picked else 0
            gain = LIKENESS * np.array([hit.similarity for hit in hits]) - (1 - LIKENESS) * like_picked
            gain[picked] = -np.inf
            picked.append(int(gain.argmax()))
        return [
            replace(hits[n], score=1 / rank, reason=f"picked {rank}., similarity {hits[n].similarity:.2f}")
            for rank, n in enumerate(picked, start=1)
        ]

    @cached_property
    def chunks(self) -> "Chunks":
        """Every chunk of the index, read once."""
        found = self.collection.get(include=["documents", "metadatas"])
        held = dict(zip(found["ids"], zip(found["documents"], found["metadatas"], strict=True), strict=True))
        ids = sorted(held)
        of_ticket: dict[str, list[str]] = defaultdict(list)
        for chunk_id in ids:
            of_ticket[held[chunk_id][1]["ticket_key"]].append(chunk_id)
        newest = max((meta["solved_at"] for _, meta in held.values()), default=0)
        return Chunks(ids, held, of_ticket, LexicalIndex([held[chunk_id][0] for chunk_id in ids]), newest)

    def vectors(self, chunk_ids: list[str]) -> "np.ndarray[Any, np.dtype[np.float32]]":
        """The vectors of chunks, in the order of their ids."""
        held = self.collection.get(ids=chunk_ids, include=["embeddings"])
        vector_of = dict(zip(held["ids"], held["embeddings"], strict=True))
        return np.array([vector_of[chunk_id] for chunk_id in chunk_ids], dtype=np.float32)

    def similarities(self, question: str, chunk_ids: list[str]) -> list[float]:
        """The cosine of each chunk with the question."""
        if not chunk_ids:
            return []
        cosines = self.vectors(chunk_ids) @ self.version.adapted(self.embeddings.vector(question))
        return [float(cosine) for cosine in cosines]

    def conversations(self, hits: list[Hit]) -> dict[str, str]:
        """The whole conversation behind each hit, put together from its chunks.

        Small chunks are found better; a solution is often in the chunk after the one that was found.
        """
        texts = {}
        for hit in hits:
            pieces = [self.chunks.held[chunk_id] for chunk_id in self.chunks.of_ticket[hit.ticket_key]]
            texts[hit.ticket_key] = joined(sorted((meta["start"], text) for text, meta in pieces))
        return texts


@dataclass(frozen=True)
class Chunks:
    """All chunks: their ids in order, text and metadata of each, those of each ticket, and the words they hold."""

    ids: list[str]
    held: dict[str, tuple[str, Any]]
    of_ticket: dict[str, list[str]]
    lexical: LexicalIndex
    newest: int  # when the newest of their tickets was solved, in seconds since the epoch


def joined(pieces: list[tuple[int, str]]) -> str:
    """Chunks put together at their offsets, overlaps once.

    >>> joined([(0, "one two"), (4, "two three")])
    'one two three'
    """
    text = ""
    for start, piece in pieces:
        text = text[:start] + "\n" * (start - len(text)) + piece  # the splitter drops white space at its cuts
    return text
