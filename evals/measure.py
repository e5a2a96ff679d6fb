"""What can be measured on one query: its ranking, its hits, its draft. The judges come later."""

from evals.dataset import Dataset, Query
from evals.retrieval import hit_at, ndcg_at, precision_at, recall_at, reciprocal_rank_at
from evals.truths import draft_truths, hit_truths
from rag_track.draft import Draft, named
from rag_track.hit import Hit


def measure(
    dataset: Dataset, query: Query, hits: list[Hit], read: list[Hit], draft: Draft | None, conversations: dict[str, str]
) -> dict[str, float]:
    """All of it for one query. `read` are the hits that the draft rests on, `conversations` what they say in full."""
    metrics = retrieval_metrics([hit.ticket_key for hit in hits], dataset.qrels.get(query.id, {}))
    is_answerable = bool(metrics)
    if is_answerable:
        metrics |= hit_truths(dataset.truth, query, read, conversations)
    if draft:
        metrics |= draft_metrics(query, draft, is_answerable) | draft_truths(dataset.truth, draft)
    return metrics


def retrieval_metrics(ranking: list[str], grades: dict[str, int]) -> dict[str, float]:
    """The ranking's metrics; none for a query to which nothing is relevant."""
    if not any(grades.values()):
        return {}
    return {
        "hit@1": hit_at(ranking, grades, 1),
        "hit@5": hit_at(ranking, grades, 5),
        "precision@5": precision_at(ranking, grades, 5),
        "recall@10": recall_at(ranking, grades, 10),
        "mrr@10": reciprocal_rank_at(ranking, grades, 10),
        "ndcg@10": ndcg_at(ranking, grades, 10),
    }


def draft_metrics(query: Query, draft: Draft, answerable: bool) -> dict[str, float]:
    """What can be said of a draft without a judge: its citations, its facts, and whether it should have declined."""
    if not answerable:
        return {"declines_unanswerable": float(draft.declined)}
    text = draft.text.lower()
    hits = {hit.ticket_key for hit in draft.hits}
    metrics = {"answers_answerable": float(not draft.declined)}
    if not draft.declined:
        cited = set(named(draft.text))  # as the model wrote them: draft.citations holds only hits
        metrics["citations_are_hits"] = float(bool(cited) and cited <= hits)
    if query.facts:
        metrics["facts_present"] = sum(fact.lower() in text for fact in query.facts) / len(query.facts)
    if query.forbidden:
        metrics["wrong_facts_present"] = sum(fact.lower() in text for fact in query.forbidden) / len(query.forbidden)
    return metrics
