"""RAGAS's metrics that need no language model, each query scored alone.

The metrics are RAGAS's own (0.4): the context metrics compare ids, or texts by edit distance; the answer
metrics compare the draft with the reference answer, by embedding and by the words and letters in common.
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
    facts: tuple[str, ...] = ()


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

    # These four have no successor in ragas.metrics.collections yet; importing them from ragas.metrics warns.
    from ragas.metrics._context_precision import IDBasedContextPrecision, NonLLMContextPrecisionWithReference
    from ragas.metrics._context_recall import IDBasedContextRecall, NonLLMContextRecall
    from ragas.metrics.collections import BleuScore, CHRFScore, RougeScore, SemanticSimilarity, StringPresence

    from evals.ragas_embedding import RagasEmbedding

    context = {
        "id_context_precision": IDBasedContextPrecision(),
        "id_context_recall": IDBasedContextRecall(),
        "text_context_precision": NonLLMContextPrecisionWithReference(),
        "text_context_recall": NonLLMContextRecall(),
    }
    answer = {
        "semantic_similarity": SemanticSimilarity(embeddings=RagasEmbedding(embeddings)),
        "rouge_l": RougeScore(),
        "chrf": CHRFScore(),
    }
    bleu, presence = BleuScore(), StringPresence()

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
            whole = {"reference": in_one(case.reference), "response": in_one(case.answer)}
            scores["bleu"] = float((await bleu.ascore(**whole)).value)
        if case.facts:
            found = [(await presence.ascore(reference=fact, response=case.answer)).value for fact in case.facts]
            scores["string_presence"] = sum(found) / len(found)
        return {name: value for name, value in scores.items() if not math.isnan(value)}

    return score


def in_one(text: str) -> str:
    """A text that RAGAS's BLEU does not take apart: what it splits, it scores by the first sentence alone.

    See issue 2888 of ragas. White space makes no difference to BLEU.
    """
    return text.replace(". ", ".\n")
