"""Score the retriever and the drafts on a golden set, query by query."""

import time
from collections import Counter
from dataclasses import dataclass

from evals.attacks import Attack, attack
from evals.citations import Cited, citation_support
from evals.dataset import Dataset, Query
from evals.judged_metrics import JudgedCase, judged_metrics
from evals.judges.judge import Judge, judge
from evals.measure import measure
from evals.ragas_metrics import Case, ragas_metrics
from evals.retrieval import ndcg_at
from evals.truths import filter_truths
from lab.console import track
from lab.settings import Settings
from rag_track.draft import Draft, Drafter, without_citations
from rag_track.embed import CachedEmbeddings
from rag_track.hit import Hit
from rag_track.retrieve import RETRIEVERS

DEPTH = 10  # documents ranked for each query
REFERENCES = 10  # relevant documents whose text RAGAS compares with, the best grades first


@dataclass(frozen=True)
class Scored:
    """One query with everything that was measured on it.

    `metrics` grows while it is scored; `conversations` are what the draft is based on.
    """

    query: Query
    hits: tuple[Hit, ...]
    draft: Draft | None
    metrics: dict[str, float]
    conversations: dict[str, str]

    @property
    def ranking(self) -> tuple[str, ...]:
        """The documents that were found, best first."""
        return tuple(hit.ticket_key for hit in self.hits)


@dataclass(frozen=True)
class Evaluation:
    """All queries with their scores, the attacks, and what the judge could not say.

    `failures` counts for each judged metric the queries without a verdict, `not_run` has the reason of each metric that
    was not measured. `judge` is "none" in a fast run.
    """

    scored: list[Scored]
    attacks: list[Attack]
    judge: str
    failures: dict[str, int]
    not_run: dict[str, str]


def evaluate(settings: Settings, dataset: Dataset, fast: bool = False) -> Evaluation:
    """Retrieve for every query, draft where there is a reference to compare with, and score; `fast` without RAGAS.

    The index must hold the dataset's corpus. Raises MissingStep without an index, ModelError without a judge.
    """
    drafter = Drafter(settings, log_calls=False)  # a thousand calls of no cost would fill the log
    named_judge = None if fast else judge(settings.judge, settings, settings.judge_url)
    drafter.retriever.embeddings.embed_documents([query.text for query in dataset.queries])  # in one go: faster
    has_references = any(query.reference for query in dataset.queries)
    drafter.warm_up()
    queries = track(dataset.queries, "queries", len(dataset.queries))
    scored = [score(drafter, dataset, query, has_references) for query in queries]
    attacks = list(attack(drafter, dataset, fast)) if has_references else []
    if not named_judge:
        return Evaluation(scored, attacks, "none", {}, {"RAGAS": "a fast run leaves it out"})
    add_ragas(scored, dataset, drafter.retriever.embeddings, settings.top_k)
    failures, not_run = add_judged(scored, named_judge, drafter.retriever.embeddings)
    return Evaluation(scored, attacks, named_judge.name, failures, not_run)


def score(drafter: Drafter, dataset: Dataset, query: Query, drafts: bool) -> Scored:
    """One query with what needs no judge; `drafts` says whether to draft."""
    settings, retriever = drafter.settings, drafter.retriever
    began = time.perf_counter()
    asked = drafter.read(query.text)
    redacted = time.perf_counter()
    hits = retriever.retrieve(asked, DEPTH)
    seconds = {"redact": redacted - began, "retrieve": time.perf_counter() - redacted}
    read = hits[: settings.top_k]
    draft = drafter.draft_from(asked, read, seconds) if drafts else None
    conversations = retriever.conversations(read)
    metrics = measure(dataset, query, hits, read, draft, conversations)
    if any(dataset.qrels.get(query.id, {}).values()):
        metrics |= {
            f"{name}_ndcg@10": metrics["ndcg@10"]
            if name == settings.retriever
            else ndcg_by(drafter, dataset, query, asked, name)
            for name in RETRIEVERS
        }
        metrics |= filter_truths(dataset.truth, query, retriever, settings.top_k)
    return Scored(query, tuple(hits), draft, metrics, conversations)


def ndcg_by(drafter: Drafter, dataset: Dataset, query: Query, asked: str, retriever: str) -> float:
    """What the same query scores with another retriever."""
    ranking = [hit.ticket_key for hit in drafter.retriever.retrieve(asked, DEPTH, by=retriever)]
    return ndcg_at(ranking, dataset.qrels[query.id], 10)


def add_ragas(scored: list[Scored], dataset: Dataset, embeddings: CachedEmbeddings, top_k: int) -> None:
    """Add RAGAS's metrics that need no judge, for the queries that past tickets answer."""
    answerable = {query.id for query in dataset.answerable}
    asked = [run for run in scored if run.query.id in answerable]
    cases = [case_of(dataset, run.query, [h.ticket_key for h in run.hits], run.draft, top_k) for run in asked]
    for run, scores in zip(asked, ragas_metrics(cases, embeddings), strict=True):
        run.metrics.update(scores)


def add_judged(
    scored: list[Scored], judge: Judge, embeddings: CachedEmbeddings
) -> tuple[dict[str, int], dict[str, str]]:
    """Add what needs a judge, for the drafts that answer; return the failures and the metrics that were not run."""
    answered = [(run, run.draft) for run in scored if run.draft and not run.draft.declined and run.query.reference]
    cases = [
        JudgedCase(
            question=run.query.text,
            retrieved_texts=tuple(run.conversations.values()),
            answer=without_citations(draft.text),
            reference=run.query.reference or "",
        )
        for run, draft in answered
    ]
    if not cases:
        return {}, {}
    judged = judged_metrics(cases, judge, embeddings)
    failures = Counter(failure.metric for failure in judged.failures)
    cited = citation_support([Cited(draft, run.conversations) for run, draft in answered], judge)
    for (run, _), scores, citations in zip(answered, judged.scores, cited, strict=True):
        run.metrics.update(scores)
        if citations.supported is None:
            failures["false_citations"] += 1
        else:
            run.metrics["false_citations"] = float(citations.supported < 1)
        if "faithfulness" in scores:
            run.metrics["unsupported_shown"] = float(scores["faithfulness"] < 1)
    return dict(failures), judged.not_run


def case_of(dataset: Dataset, query: Query, ranking: list[str], draft: Draft | None, top_k: int) -> Case:
    """The query as RAGAS sees it: what a draft is based on, against the documents that are relevant."""
    grades = dataset.qrels[query.id]
    relevant = sorted((document for document, grade in grades.items() if grade > 0), key=lambda d: (-grades[d], d))
    retrieved = ranking[:top_k]
    return Case(
        retrieved_ids=retrieved,
        retrieved_texts=[dataset.text(document) for document in retrieved],
        relevant_ids=relevant,
        relevant_texts=[dataset.text(document) for document in relevant[:REFERENCES]],
        answer=without_citations(draft.text) if draft else "",
        reference=query.reference,
        facts=query.facts,
    )
