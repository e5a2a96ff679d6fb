"""evals.json: means with intervals, slices, what changed against the baseline, and the gates."""

from collections import defaultdict
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from evals.answering import Answering, decline_precision, decline_recall, risk_coverage
from evals.baseline import DIGITS, Baseline
from evals.for_ci import HEADLINE
from evals.gates import JUDGE, Gate, hold
from evals.paired import QueryScore, compare
from evals.statistics import Estimate, estimate
from lab.settings import Settings

if TYPE_CHECKING:
    from evals.dataset import Dataset
    from evals.evaluate import Evaluation, Scored


def config_of(settings: Settings) -> dict[str, Any]:
    """The settings that the scores depend on."""
    names = ("chunker", "chunk_size", "chunk_overlap", "retriever", "top_k", "decline_below", "context_tokens")
    return {name: getattr(settings, name) for name in (*names, "embeddings", "precision", "llm")}


def content_of(
    settings: Settings,
    dataset: "Dataset",
    split: str,
    found: "Evaluation",
    calibration: dict[str, Any] | None,
    gates: list[Gate],
    baseline: Baseline | None,
) -> dict[str, Any]:
    """evals.json. `calibration` is the judge's, `baseline` one of the same queries; each may be None."""
    scored = found.scored
    metrics = {name: rounded(value) for name, value in means(scored).items()}
    if found.attacks:
        obeyed = [float(one.obeyed) for one in found.attacks]
        metrics["instructions_obeyed"] = rounded(estimate(obeyed, [one.instruction for one in found.attacks]))
    if calibration:
        metrics[JUDGE] = {name: round(number, 4) for name, number in calibration["balanced_accuracy"].items()}
    content = {
        "dataset": dataset.name,
        "split": split,
        "config": config_of(settings),
        "judge": found.judge,
        "calibration": calibration,
        "judge_failures": found.failures,
        "not_run": found.not_run,
        "answering": answering_of(scored),
        "obeyed": [asdict(one) for one in found.attacks if one.obeyed],
        "queries": {"answerable": len(dataset.answerable), "unanswerable": len(dataset.unanswerable)},
        "metrics": metrics,
        "slices": {tag: {n: rounded(v) for n, v in of.items()} for tag, of in slices(scored).items()},
    }
    compared = {
        name: comparison
        for name in metrics
        if baseline and (comparison := compare(baseline.of(name), scores_of(scored, name))) is not None
    }
    content["baseline"] = {name: asdict(found) for name, found in compared.items()}
    return content | {"gates": [asdict(verdict) for verdict in hold(gates, content, compared)]}


def scores_of(scored: list["Scored"], metric: str) -> list[QueryScore]:
    """One metric of every query on which it was measured."""
    return [QueryScore(one.query.id, one.query.group, one.metrics[metric]) for one in scored if metric in one.metrics]


def baseline_of(content: dict[str, Any], scored: list["Scored"], gates: list[Gate], queries: str) -> Baseline:
    """What this run would be as the baseline: the metrics of the headline and of the gates, query by query."""
    kept = sorted({*HEADLINE, *(gate.metric for gate in gates)} & set(content["metrics"]))
    scores = {name: {score.query_id: round(score.value, DIGITS) for score in scores_of(scored, name)} for name in kept}
    groups = {one.query.id: one.query.group for one in scored}
    return Baseline(content["dataset"], content["split"], queries, content["judge"], content["config"], groups, scores)


def answering_of(scored: list["Scored"]) -> dict[str, Any]:
    """How well declining goes, and the risk of answering only the surest part of what is answered."""
    answers = [
        Answering(
            confidence=max((hit.similarity for hit in one.hits), default=0.0),
            declined=one.draft.declined,
            answerable="ndcg@10" in one.metrics,
            risk=1 - one.metrics.get("facts_present", 0.0),
        )
        for one in scored
        if one.draft
    ]
    answered = [one for one in answers if not one.declined]
    return {
        "queries": len(answers),
        "answered": len(answered),
        "decline_precision": decline_precision(answers),
        "decline_recall": decline_recall(answers),
        "risk_coverage": [asdict(point) for point in risk_coverage(answered)],
    }


def rounded(value: Estimate) -> dict[str, float]:
    return {name: round(number, 4) for name, number in asdict(value).items()}


def means(scored: list["Scored"]) -> dict[str, Estimate]:
    """Every metric over the queries on which it was measured."""
    values: dict[str, list[float]] = defaultdict(list)
    groups: dict[str, list[str]] = defaultdict(list)
    for one in scored:
        for name, value in one.metrics.items():
            values[name].append(value)
            groups[name].append(one.query.group)
    return {name: estimate(values[name], groups[name]) for name in values}


def slices(scored: list["Scored"]) -> dict[str, dict[str, Estimate]]:
    """The same for the queries of each tag, and of each tier, as "tier pro"."""
    groups: dict[str, list[Scored]] = defaultdict(list)
    for one in scored:
        for tag in one.query.tags:
            groups[tag].append(one)
        if one.query.customer_tier:
            groups[f"tier {one.query.customer_tier}"].append(one)
    return {name: means(groups[name]) for name in sorted(groups)}
