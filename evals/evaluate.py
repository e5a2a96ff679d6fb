"""Score the retriever and the drafts on a golden set, query by query."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime

from evals.dataset import Dataset, Query
from evals.ragas_metrics import Case, ragas_metrics
from evals.retrieval import hit_at, ndcg_at, recall_at, reciprocal_rank_at
from evals.statistics import Estimate, estimate
from lab.console import track
from lab.settings import Settings
from rag_track.chunk import chunk
from rag_track.documents import Document
from rag_track.draft import Draft, Drafter, named, without_citations
from rag_track.embed import embeddings
from rag_track.hit import Hit
from rag_track.index import update_index
from rag_track.retrieve import RETRIEVERS

DEPTH = 10  # documents ranked for each query
REFERENCES = 10  # relevant documents whose text RAGAS compares with, the best grades first


@dataclass(frozen=True)
class Scored:
    """One query with everything that was measured on it."""

    query: Query
    ranking: tuple[str, ...]
    draft: Draft | None
    metrics: dict[str, float]


def evaluate(settings: Settings, dataset: Dataset) -> list[Scored]:
    """Retrieve for every query, draft where there is a reference to compare with, and score.

    The index must hold the dataset's corpus. Raises MissingStep without an index.
    """
    drafter = Drafter(settings, log_calls=False)  # a thousand calls of no cost would fill the log
    drafter.retriever.embeddings.embed_documents([query.text for query in dataset.queries])  # in one go: faster
    has_references = any(query.reference for query in dataset.queries)
    rankings: dict[str, list[str]] = {}
    others: dict[str, dict[str, float]] = {}
    drafts: dict[str, Draft] = {}
    for query in track(dataset.queries, "queries", len(dataset.queries)):
        found = {name: drafter.retriever.retrieve(query.text, DEPTH, by=name) for name in RETRIEVERS}
        hits = found[settings.retriever]
        rankings[query.id] = [hit.ticket_key for hit in hits]
        others[query.id] = other_retrievers(found, dataset.qrels.get(query.id, {}))
        if has_references:
            drafts[query.id] = drafter.draft_from(query.text, hits[: settings.top_k])

    answerable = dataset.answerable
    cases = [case_of(dataset, q, rankings[q.id], drafts.get(q.id), settings.top_k) for q in answerable]
    scores = ragas_metrics(cases, drafter.retriever.embeddings)
    ragas = {query.id: score for query, score in zip(answerable, scores, strict=True)}
    scored = []
    for query in dataset.queries:
        draft = drafts.get(query.id)
        metrics = retrieval_metrics(rankings[query.id], dataset.qrels.get(query.id, {}))
        metrics |= (
            others[query.id] | ragas.get(query.id, {}) | (draft_metrics(query, draft, bool(metrics)) if draft else {})
        )
        scored.append(Scored(query, tuple(rankings[query.id]), draft, metrics))
    return scored


def retrieval_metrics(ranking: list[str], grades: dict[str, int]) -> dict[str, float]:
    """The ranking's metrics; none for a query to which nothing is relevant."""
    if not any(grades.values()):
        return {}
    return {
        "hit@1": hit_at(ranking, grades, 1),
        "hit@5": hit_at(ranking, grades, 5),
        "recall@10": recall_at(ranking, grades, 10),
        "mrr@10": reciprocal_rank_at(ranking, grades, 10),
        "ndcg@10": ndcg_at(ranking, grades, 10),
    }


def other_retrievers(found: dict[str, list[Hit]], grades: dict[str, int]) -> dict[str, float]:
    """What the same query scores with each retriever."""
    if not any(grades.values()):
        return {}
    return {f"{name}_ndcg@10": ndcg_at([h.ticket_key for h in hits], grades, 10) for name, hits in found.items()}


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


def case_of(dataset: Dataset, query: Query, ranking: list[str], draft: Draft | None, top_k: int) -> Case:
    """The query as RAGAS sees it: what a draft is based on, against the documents that are relevant."""
    grades = dataset.qrels[query.id]
    relevant = sorted((document for document, grade in grades.items() if grade > 0), key=lambda d: (-grades[d], d))
    retrieved = ranking[:top_k]
    return Case(
        retrieved_ids=retrieved,
        retrieved_texts=[full_text(dataset, document) for document in retrieved],
        relevant_ids=relevant,
        relevant_texts=[full_text(dataset, document) for document in relevant[:REFERENCES]],
        answer=without_citations(draft.text) if draft else "",
        reference=query.reference,
    )


def full_text(dataset: Dataset, document: str) -> str:
    title, text = dataset.corpus.get(document, ("", ""))
    return f"{title}\n\n{text}".strip()


def means(scored: list[Scored]) -> dict[str, Estimate]:
    """Every metric over the queries on which it was measured."""
    values: dict[str, list[float]] = defaultdict(list)
    groups: dict[str, list[str]] = defaultdict(list)
    for one in scored:
        for name, value in one.metrics.items():
            values[name].append(value)
            groups[name].append(one.query.group)
    return {name: estimate(values[name], groups[name]) for name in values}


def slices(scored: list[Scored]) -> dict[str, dict[str, Estimate]]:
    """The same for the queries of each tag."""
    tags = sorted({tag for one in scored for tag in one.query.tags})
    return {tag: means([one for one in scored if tag in one.query.tags]) for tag in tags}


def index_dataset(settings: Settings, dataset: Dataset) -> None:
    """Index somebody's corpus with the lab's own chunks and embeddings, in the home that `settings` name."""
    began = datetime.fromtimestamp(0, UTC)
    documents = (
        Document(
            ticket_key=key,
            source="dataset",
            subject=full_text(dataset, key),
            turns=(),
            created_at=began,
            solved_at=began,
            satisfaction="none",
            product_category="unknown",
            customer_tier="unknown",
            region="unknown",
            language="unknown",
        )
        for key in dataset.corpus
    )
    chunks = chunk(documents, settings.chunk_size, settings.chunk_overlap, settings.chunker)
    update_index(settings, chunks, embeddings(settings), anew=False)
