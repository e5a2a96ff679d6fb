"""Measure the track: embedding beside sentence-transformers' own `encode`, retrieval beside exact search, the service.

Twin: etl_track/bench.py. Machines differ and are shared, so what counts is the ratio, not the seconds.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from lab.console import say
from lab.report import write_runs
from lab.settings import Settings
from rag_track.embed import CachedEmbeddings, local_model
from rag_track.filters import NO_FILTERS, Filters
from rag_track.local_model import LocalModel, Precision, has_bf16
from rag_track.retrieve import Retriever

TEXTS = 600  # chunks that are embedded
QUESTIONS = 200
DEPTH = 10
ROUNDS = 3  # of each in turn; the fastest counts, it was disturbed least


@dataclass(frozen=True)
class EmbeddingTime:
    """Seconds for the same texts: of the lab's stage into an empty cache, and of `encode` in its better precision.

    `ratio` is the stage's seconds over those of `encode`: 1.1 is a tenth slower.
    """

    texts: int
    seconds: float
    plain_seconds: float
    ratio: float
    precision: str  # that the stage chose
    plain_precision: str  # in which `encode` was faster


def bench(settings: Settings) -> None:
    """Measure on the index that is there, and write the lines into bench.json. Raises MissingStep without an index."""
    from rag_track.bench_serve import bench_serve

    retriever = Retriever(settings)
    chunks = retriever.chunks
    texts = list(dict.fromkeys(text for text, _ in chunks.held.values()))[:TEXTS]
    took = bench_embedding(settings, texts)
    lines: list[dict[str, Any]] = [
        {"stage": "rag embed", "size": took.texts, "per_second": round(took.texts / took.seconds, 1), **asdict(took)},
        bench_retrieval(retriever),
        bench_serve(settings),
    ]
    write_runs(settings.reports, lines)
    for line in lines:
        say(f"  {', '.join(f'{name} {value}' for name, value in line.items() if name != 'texts')}")
    say(f"  report: {settings.reports / 'bench.json'}")


def bench_retrieval(retriever: Retriever) -> dict[str, Any]:
    """Milliseconds of a retrieval with filters, query embedding included, and how much of the exact top 10 is found.

    The questions are pieces of indexed texts that were never asked before. `recall` compares dense search through the
    index with the cosines of all chunks, without filters.
    """
    held = retriever.chunks.held
    asked = [(text[40:200], meta) for text, meta in list(held.values())[:: max(1, len(held) // QUESTIONS)]]
    inner = retriever.embeddings.inner  # without the cache
    milliseconds = []
    for text, meta in asked:
        filters = Filters(product_category=meta["product_category"], customer_tier=meta["customer_tier"])
        started = time.perf_counter()
        inner.embed_query(text)
        embedded = time.perf_counter() - started
        retriever.embeddings.vector(text)  # kept, so that the search below does not embed once more
        started = time.perf_counter()
        retriever.retrieve(text, DEPTH, filters)
        milliseconds.append(1000 * (embedded + time.perf_counter() - started))
    quantiles = statistics.quantiles(milliseconds, n=20)
    return {
        "stage": "rag retrieve",
        "size": len(held),
        "seconds": round(sum(milliseconds) / 1000, 3),
        "rows": len(asked),
        "per_second": round(1000 * len(asked) / sum(milliseconds), 1),
        "p50_ms": round(quantiles[9], 1),
        "p95_ms": round(quantiles[18], 1),
        "recall": round(recall_of_exact(retriever, [text for text, _ in asked]), 4),
    }


def recall_of_exact(retriever: Retriever, questions: list[str]) -> float:
    """The share of the ten nearest tickets, by the cosines of all chunks, that dense search finds, too."""
    ids = retriever.chunks.ids
    vectors = retriever.vectors(ids)
    shares = []
    for question in questions:
        order = np.argsort(-(vectors @ retriever.embeddings.vector(question)))
        exact = list(dict.fromkeys(retriever.chunks.held[ids[n]][1]["ticket_key"] for n in order[:500]))[:DEPTH]
        found = {hit.ticket_key for hit in retriever.dense(question, DEPTH, NO_FILTERS)}
        shares.append(len(found & set(exact)) / len(exact))
    return sum(shares) / len(shares)


def bench_embedding(settings: Settings, texts: list[str]) -> EmbeddingTime:
    """Embed `texts` with the stage and with `encode` as it comes, in turn; both have loaded their weights before.

    Each text should occur once, because the stage embeds none twice. Raises ModelError without a local model.
    """
    model = local_model(settings)
    precisions: list[Precision] = ["fp32", "bf16"] if has_bf16() else ["fp32"]
    plain = {precision: model.loaded(precision) for precision in precisions}
    runs: dict[str, Callable[[], object]] = {"stage": partial(run_stage, model, texts)}
    runs |= {precision: partial(loaded.encode, texts) for precision, loaded in plain.items()}
    model.encode(texts[:1])
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(ROUNDS):
        for name, run in runs.items():
            started = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - started)
    took = {name: min(times) for name, times in seconds.items()}
    better = min(precisions, key=lambda precision: took[precision])
    ratio = round(took["stage"] / took[better], 3)
    return EmbeddingTime(len(texts), round(took["stage"], 3), round(took[better], 3), ratio, model.arithmetic, better)


def run_stage(model: LocalModel, texts: list[str]) -> None:
    """The stage as a build runs it: sorted, in slices, kept in a cache that is empty when it begins."""
    with TemporaryDirectory() as folder:
        CachedEmbeddings(model, model.name, Path(folder) / "vectors.sqlite").vectors(texts)
