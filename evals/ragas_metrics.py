"""RAGAS's metrics that need no language model, each query scored alone.

The metrics are RAGAS's own (0.4): the context metrics compare ids, or texts by edit distance; the answer
metrics compare the draft with the reference answer, by embedding and by longest common subsequence.
"""

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lab.console import track
from rag_track.embed import CachedEmbeddings


@dataclass(frozen=True)
class Case:
    """What one query retrieved and answered beside what it should have."""

    retrieved_ids: list[str]
    retrieved_texts: list[str]
    relevant_ids: list[str]
    relevant_texts: list[str]
    answer: str
    reference: str | None


def ragas_metrics(cases: list[Case], embeddings: CachedEmbeddings) -> list[dict[str, float]]:
    """One dictionary of metrics for each case. A metric that RAGAS cannot compute for a case is left out."""
    answers = [case.answer for case in cases if case.reference]
    embeddings.embed_documents(answers + [case.reference for case in cases if case.reference])  # in one go: faster
    score = scorer(embeddings)

    async def score_all() -> list[dict[str, float]]:
        return [await score(case) for case in track(cases, "RAGAS", len(cases))]

    return asyncio.run(score_all())


def scorer(embeddings: CachedEmbeddings) -> Callable[[Case], Any]:
    """RAGAS's metrics as one function of a case. Imports ragas, which takes seconds."""
    from ragas.dataset_schema import SingleTurnSample
    from ragas.embeddings.base import BaseRagasEmbedding

    # These four have no successor in ragas.metrics.collections yet; importing them from ragas.metrics warns.
    from ragas.metrics._context_precision import IDBasedContextPrecision, NonLLMContextPrecisionWithReference
    from ragas.metrics._context_recall import IDBasedContextRecall, NonLLMContextRecall
    from ragas.metrics.collections import RougeScore, SemanticSimilarity

    class Embedding(BaseRagasEmbedding):  # type: ignore[misc]
        """The lab's embeddings behind RAGAS's interface."""

        def embed_text(self, text: str, **kwargs: Any) -> list[float]:
            return embeddings.embed_query(text)

        async def aembed_text(self, text: str, **kwargs: Any) -> list[float]:
            return self.embed_text(text)

    context = {
        "id_context_precision": IDBasedContextPrecision(),
        "id_context_recall": IDBasedContextRecall(),
        "text_context_precision": NonLLMContextPrecisionWithReference(),
        "text_context_recall": NonLLMContextRecall(),
    }
    answer = {"semantic_similarity": SemanticSimilarity(embeddings=Embedding()), "rouge_l": RougeScore()}

    async def score(case: Case) -> dict[str, float]:
        scores: dict[str, float] = {}
        if case.retrieved_ids and case.relevant_ids:
            sample = SingleTurnSample(
                retrieved_context_ids=case.retrieved_ids,
                reference_context_ids=case.relevant_ids,
                retrieved_contexts=case.retrieved_texts,
                reference_contexts=case.relevant_texts,
            )
            for name, metric in context.items():
                scores[name] = float(await metric.single_turn_ascore(sample))
        if case.reference:
            for name, metric in answer.items():
                scores[name] = float((await metric.ascore(reference=case.reference, response=case.answer)).value)
        return {name: value for name, value in scores.items() if not math.isnan(value)}

    return score
