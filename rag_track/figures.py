"""Overview: the pictures of the report page, each with a sentence that says what to see in it, and with true numbers.

Twin: nothing in the ETL track, whose metrics are numbers already. Here they are made first: lengths in columns,
vectors on two axes, hits that somebody judged.
"""

import csv
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from lab.console import track
from lab.errors import ConfigError
from rag_track.charts import HEIGHT, SPACE, WIDE, Bin, draw, length_chart, similarity_chart, space_chart
from rag_track.chunk import Chunk
from rag_track.retrieve import Retriever

T = TypeVar("T")
POINTS = 4_000  # chunks drawn at most
QUERIES = 150  # of the golden set's dev split
DEPTH = 10  # hits of each


@dataclass(frozen=True)
class Figure:
    """A picture as SVG and what to see in it. Where nothing can be drawn, `svg` is empty and `sentence` says why."""

    title: str
    sentence: str
    svg: str = ""


@dataclass(frozen=True)
class Judged:
    """The cosine of one hit with its query, and whether the golden set calls it right."""

    similarity: float
    is_right: bool


def length_figure(tokens: list[int], limit: int | None) -> Figure:
    title = "How long the chunks are"
    if not tokens or limit is None:
        return Figure(
            title, "Not drawn: the embedding model does not tell how it counts tokens, or there are no chunks."
        )
    over = sum(number > limit for number in tokens)
    sentence = (
        f"Half of the chunks have {np.median(tokens):,.0f} tokens or fewer; {over:,} of {len(tokens):,} cross the line"
        f" at {limit:,}, and what stands behind it is in no vector: only its words can be searched (BM25)."
    )
    return Figure(title, sentence, draw(length_chart(length_bins(tokens), limit), WIDE, HEIGHT))


def length_bins(tokens: list[int]) -> list[Bin]:
    """Counts of lengths in columns as wide as a power of two, so that a model's limit falls between two of them."""
    width = 8
    while max(tokens) / width > 60:
        width *= 2
    counts = Counter((number - 1) // width * width for number in tokens)  # 256 tokens stand before the line at 256
    return [Bin(low, low + width, count) for low, count in sorted(counts.items())]


def space_figure(chunks: list[Chunk], retriever: Retriever) -> Figure:
    title = "The embedding space in two dimensions"
    drawn = spaced(sorted(chunks, key=lambda chunk: chunk.id), POINTS)
    if len(drawn) < 3:
        return Figure(title, "Not drawn: there are too few chunks.")
    vectors = retriever.vectors([chunk.id for chunk in drawn])
    points, kept = project(vectors)
    sample = "" if len(drawn) == len(chunks) else f" ({len(drawn):,} of {len(chunks):,}, at equal distances by id)"
    sentence = (
        f"Each point is a chunk{sample}: what lies together is often alike, but these two directions keep only"
        f" {kept:.0%} of what tells the vectors apart, and retrieval compares all {vectors.shape[1]:,}."
    )
    return Figure(title, sentence, draw(space_chart(points, [chunk.product_category for chunk in drawn]), SPACE, SPACE))


def project(vectors: Any) -> tuple[Any, float]:
    """The vectors, shape (n, dimension), on their first two principal components, shape (n, 2); the share of variance.

    Pearson, On lines and planes of closest fit, 1901, by singular values. An axis may point either way: here its
    largest weight is positive, so that the picture is the same each time.
    """
    centred = np.asarray(vectors, dtype=np.float64)
    centred = centred - centred.mean(axis=0)
    _, sizes, axes = np.linalg.svd(centred, full_matrices=False)
    axes = axes[:2]
    largest = np.abs(axes).argmax(axis=1)
    axes = axes * np.where(axes[range(2), largest] < 0, -1, 1)[:, None]
    total = float((sizes**2).sum())
    return centred @ axes.T, float((sizes[:2] ** 2).sum()) / total if total else 0.0


def spaced(items: Sequence[T], most: int) -> Sequence[T]:
    """All items, or `most` of them at equal distances: the same sample each time."""
    if len(items) <= most:
        return items
    return [items[place * len(items) // most] for place in range(most)]


def judged_hits(golden: Path, retriever: Retriever) -> list[Judged]:
    """The first hits of dev queries, judged by the qrels of the golden set; none where there is no golden set."""
    if not (golden / "queries.jsonl").exists() or not (golden / "qrels.tsv").exists():
        return []
    try:
        lines = (golden / "queries.jsonl").read_text(encoding="utf-8").splitlines()
        queries = [query for query in map(json.loads, lines) if query.get("split") == "dev"]
        with (golden / "qrels.tsv").open(encoding="utf-8", newline="") as file:
            grades = list(csv.DictReader(file, delimiter="\t"))
        right = {(row["query-id"], row["corpus-id"]) for row in grades if int(row["score"]) > 0}
        texts = {query["_id"]: query["text"] for query in queries}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(f"The golden set in {golden} cannot be read: {error}.", next_step="mend it") from None
    asked = spaced(sorted(texts), QUERIES)
    retriever.embeddings.vectors([texts[query] for query in asked])  # in one go: faster
    return [
        Judged(hit.similarity, (query, hit.ticket_key) in right)
        for query in track(asked, "judging hits, queries", len(asked))
        for hit in retriever.retrieve(texts[query], DEPTH)
    ]


def similarity_figure(judged: list[Judged], decline_below: float) -> Figure:
    title = "Right and wrong hits by similarity"
    right, wrong = ([one.similarity for one in judged if one.is_right is kind] for kind in (True, False))
    if not right or not wrong:
        return Figure(title, "Not drawn: without a golden set nobody has said which hits are right.")
    below = [share(sum(one < decline_below for one in hits), len(hits)) for hits in (right, wrong)]
    sentence = (
        f"Of {len(right):,} right and {len(wrong):,} wrong hits of the golden set's dev queries, {below[0]} and"
        f" {below[1]} lie left of the line that the best hit must reach before a reply is drafted: where the two"
        " overlap, similarity alone cannot tell them apart."
    )
    bins = {"right hits": similarity_bins(right), "wrong hits": similarity_bins(wrong)}
    return Figure(title, sentence, draw(similarity_chart(bins, decline_below), WIDE, HEIGHT))


def similarity_bins(similarities: list[float]) -> list[Bin]:
    """Shares of all similarities, in columns 0.02 wide."""
    edges = np.linspace(-1, 1, 101).round(2)
    counts, _ = np.histogram(np.clip(similarities, -1, 1), edges)
    columns = zip(pairwise(edges.tolist()), (counts / len(similarities)).tolist(), strict=True)
    return [Bin(low, high, value) for (low, high), value in columns if value]


def share(part: float, whole: float) -> str:
    """
    >>> share(1, 8), share(0, 0)
    ('12.5%', '-')
    """
    return f"{part / whole:.1%}" if whole else "-"
