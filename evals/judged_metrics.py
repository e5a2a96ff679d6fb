"""RAGAS's metrics that need a judge, each case scored alone, by whatever judge is named.

The metrics are RAGAS's own (0.4, ragas.metrics.collections), with RAGAS's own prompts. A case whose score is NaN or an
exception has failed: it is counted, never dropped in silence. See calibration.py for what a judge is worth.
"""

import asyncio
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from evals.judges.at_once import ask_each
from evals.judges.judge import Judge
from rag_track.embed import CachedEmbeddings
from rag_track.llm.provider_errors import brief

# What each metric reads, under RAGAS's names.
READS = {
    "faithfulness": ("user_input", "response", "retrieved_contexts"),
    "answer_relevancy": ("user_input", "response"),
    "context_precision": ("user_input", "reference", "retrieved_contexts"),
    "context_recall": ("user_input", "reference", "retrieved_contexts"),
    "factual_correctness": ("response", "reference"),
    "noise_sensitivity": ("user_input", "response", "reference", "retrieved_contexts"),
    "response_groundedness": ("response", "retrieved_contexts"),
}

JUDGED = frozenset(READS) | {"unsupported_shown", "false_citations"}  # the last is of citations.py


@dataclass(frozen=True)
class JudgedCase:
    """What a judge gets to read of one query. An empty field leaves out the metrics that read it."""

    question: str
    retrieved_texts: tuple[str, ...] = ()
    answer: str = ""
    reference: str = ""

    def inputs(self) -> dict[str, Any]:
        """The fields under RAGAS's names."""
        return {
            "user_input": self.question,
            "retrieved_contexts": list(self.retrieved_texts),
            "response": self.answer,
            "reference": self.reference,
        }


@dataclass(frozen=True)
class Failure:
    """A metric that gave no number for a case: its place in the list of cases, and why."""

    case: int
    metric: str
    reason: str


Scores = dict[str, float | Failure]  # of one case, by metric


@dataclass(frozen=True)
class Judged:
    """The scores of one judge. `scores` has a dictionary for each case, with no entry for a metric that failed.

    `not_run` names the metrics that this judge does not serve, each with the reason.
    """

    judge: str
    scores: list[dict[str, float]]
    failures: list[Failure]
    not_run: dict[str, str]


def judged_metrics(cases: list[JudgedCase], judge: Judge, embeddings: CachedEmbeddings) -> Judged:
    """Score every case by every metric that the judge serves and the case has the fields for.

    All scores are from 0 to 1; of noise_sensitivity alone less is better. Raises ModelError when the judge cannot be
    reached at all, or refuses its key.
    """
    metrics = {name: metric for name, metric in metrics_of(judge, embeddings).items() if name not in judge.cannot}
    judge.prepare([text for case in cases for text in (*case.retrieved_texts, case.answer, case.reference)])
    score_one = partial(score_case, judge, metrics)
    found = asyncio.run(ask_each(list(enumerate(cases)), score_one, f"judge {judge.name}"))
    failures = [one for scores in found for one in scores.values() if isinstance(one, Failure)]
    numbers = [{name: one for name, one in scores.items() if not isinstance(one, Failure)} for scores in found]
    return Judged(judge.name, numbers, failures, {name: judge.cannot[name] for name in READS if name in judge.cannot})


async def score_case(judge: Judge, metrics: dict[str, Any], numbered: tuple[int, JudgedCase]) -> Scores:
    """The scores and failures of one case."""
    place, case = numbered
    return {name: await score(place, name, metrics[name], given, judge) for name, given in wanted(case, metrics)}


def wanted(case: JudgedCase, metrics: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The metrics for which a case has all fields, each with what it reads."""
    inputs = case.inputs()
    for name in metrics:
        given = {field: inputs[field] for field in READS[name]}
        if all(given.values()):
            yield name, given


async def score(place: int, name: str, metric: Any, given: dict[str, Any], judge: Judge) -> float | Failure:
    """One metric of one case. Raises ModelError when the judge is out of reach."""
    try:
        value = float((await metric.ascore(**given)).value)
    except Exception as error:
        judge.stop_if_unreachable(error)
        return Failure(place, name, f"{type(error).__name__}: {brief(error)}")
    return Failure(place, name, "the judge's answers give no number") if math.isnan(value) else value


def metrics_of(judge: Judge, embeddings: CachedEmbeddings) -> dict[str, Any]:
    """RAGAS's metrics with this judge. Imports ragas, which takes seconds."""
    from ragas.metrics import collections as ragas

    from evals.ragas_embedding import RagasEmbedding

    return {
        "faithfulness": ragas.Faithfulness(llm=judge.llm),
        "answer_relevancy": ragas.AnswerRelevancy(llm=judge.llm, embeddings=RagasEmbedding(embeddings)),
        "context_precision": ragas.ContextPrecision(llm=judge.llm),
        "context_recall": ragas.ContextRecall(llm=judge.llm),
        "factual_correctness": ragas.FactualCorrectness(llm=judge.llm),
        "noise_sensitivity": ragas.NoiseSensitivity(llm=judge.llm),
        "response_groundedness": ragas.ResponseGroundedness(llm=judge.llm),
    }
