"""Write evals.json and evals.html, and print the scores and gates."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.table import Table

from evals.gates import Gate, hold
from lab.aside import write_json
from lab.console import console, say
from lab.page import write_page
from lab.settings import Settings

if TYPE_CHECKING:
    from evals.dataset import Dataset
    from evals.evaluate import Scored
    from evals.statistics import Estimate

RETRIEVERS = ("dense_ndcg@10", "bm25_ndcg@10", "hybrid_ndcg@10", "mmr_ndcg@10")
MEANING = {
    "ndcg@10": "right tickets high up, graded",
    "dense_ndcg@10": "the same by meaning (vectors)",
    "bm25_ndcg@10": "the same by words (BM25)",
    "hybrid_ndcg@10": "the same, meaning and words fused",
    "mmr_ndcg@10": "the same, near but unlike each other",
    "mrr@10": "1 / rank of the first right ticket",
    "hit@1": "the first ticket is right",
    "hit@5": "a right ticket among five",
    "recall@10": "right tickets found in ten, of all",
    "id_context_precision": "RAGAS: retrieved that are right",
    "id_context_recall": "RAGAS: right that are retrieved",
    "text_context_precision": "RAGAS: by edit distance, ranked",
    "text_context_recall": "RAGAS: by edit distance",
    "semantic_similarity": "RAGAS: draft near the reference",
    "rouge_l": "RAGAS: words in the reference's order",
    "facts_present": "required facts in the draft",
    "wrong_facts_present": "outdated or other tiers' facts",
    "citations_are_hits": "drafts that cite only what was found",
    "answers_answerable": "drafts that do not decline",
    "declines_unanswerable": "declined where nothing is known",
}


def config_of(settings: Settings) -> dict[str, Any]:
    """The settings that the scores depend on."""
    names = ("chunker", "chunk_size", "chunk_overlap", "retriever", "top_k", "decline_below", "context_tokens")
    return {name: getattr(settings, name) for name in (*names, "embeddings", "precision", "llm")}


def content_of(
    settings: Settings, dataset: "Dataset", split: str, scored: list["Scored"], gates: list[Gate]
) -> dict[str, Any]:
    """evals.json."""
    from evals.evaluate import means, slices

    metrics = {name: rounded(value) for name, value in means(scored).items()}
    content = {
        "dataset": dataset.name,
        "split": split,
        "config": config_of(settings),
        "judge": "none",
        "queries": {"answerable": len(dataset.answerable), "unanswerable": len(dataset.unanswerable)},
        "metrics": metrics,
        "slices": {tag: {n: rounded(v) for n, v in of.items()} for tag, of in slices(scored).items()},
    }
    return content | {"gates": [asdict(verdict) for verdict in hold(gates, content)]}


def rounded(value: "Estimate") -> dict[str, float]:
    return {name: round(number, 4) for name, number in asdict(value).items()}


def write(settings: Settings, content: dict[str, Any], scored: list["Scored"]) -> None:
    """Write both reports."""
    write_json(settings.reports / "evals.json", content)
    answerable = [one for one in scored if "ndcg@10" in one.metrics]
    worst = sorted(answerable, key=lambda one: (one.metrics["ndcg@10"], one.query.id))[:10]
    write_page(settings.reports / "evals.html", "evals", "page.html", content=content, meaning=MEANING, worst=worst)


def show(content: dict[str, Any], before: dict[str, Any] | None) -> None:
    """Print every metric with its interval, what it was in the run before, and the gates."""
    comparable = before is not None and all(before[key] == content[key] for key in ("dataset", "split"))
    table = Table("metric", "mean", "95% interval", "n", "before", "", box=None, header_style="bold")
    for name, value in content["metrics"].items():
        old = before["metrics"].get(name) if comparable and before else None
        change = value["mean"] - old["mean"] if old else 0
        was = f"{old['mean']:.3f} ({change:+.3f})" if old and abs(change) >= 0.0005 else "same" if old else ""
        interval = f"{value['low']:.3f} to {value['high']:.3f}"
        table.add_row(
            name, f"{value['mean']:.3f}", interval, f"{value['n']:.0f}", was, f"[dim]{MEANING.get(name, '')}[/]"
        )
    console.print(table)
    show_retrievers(content)
    failed = [gate for gate in content["gates"] if not gate["passed"]]
    if content["gates"]:
        say(f"  gates: {len(content['gates']) - len(failed)} passed, {len(failed)} failed")
    for gate in failed:
        value = "was not measured" if gate["value"] is None else f"is {gate['value']:.3f}"
        say(f"  [bold red]gate failed[/]  {gate['name']}: it {value}; {gate['reason']}")


def show_retrievers(content: dict[str, Any]) -> None:
    """nDCG@10 of three retrievers by tag: what each is good at."""
    table = Table("ndcg@10 by tag", "n", "dense", "bm25", "hybrid", "mmr", box=None, header_style="bold")
    for tag, metrics in {"all queries": content["metrics"], **content["slices"]}.items():
        if all(name in metrics for name in RETRIEVERS):
            scores = [metrics[name]["mean"] for name in RETRIEVERS]
            cells = [f"[bold]{s:.3f}[/]" if s == max(scores) else f"{s:.3f}" for s in scores]
            table.add_row(tag, f"{metrics['ndcg@10']['n']:.0f}", *cells)
    if table.row_count:
        console.print(table)
