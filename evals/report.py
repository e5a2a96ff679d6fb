"""Print the scores and the gates."""

from typing import Any

from rich.table import Table

from evals.for_ci import value_of
from evals.gates import is_advisory
from evals.meaning import MEANING, PRINTED
from lab.console import console, say

RETRIEVERS = ("dense_ndcg@10", "bm25_ndcg@10", "hybrid_ndcg@10", "mmr_ndcg@10")


def show(content: dict[str, Any], before: dict[str, Any] | None) -> None:
    """Print the main metrics with their intervals, what they were in the run before, and the gates."""
    comparable = before is not None and all(before[key] == content[key] for key in ("dataset", "split"))
    table = Table("metric", "mean", "95% interval", "n", "before", "", box=None, header_style="bold")
    metrics = content["metrics"]
    for group in PRINTED:
        for name in group:
            if name in metrics:
                old = before["metrics"].get(name) if comparable and before else None
                table.add_row(*line(name, metrics[name], old), end_section=name == group[-1])
    console.print(table)
    show_retrievers(content)
    failed = [gate for gate in content["gates"] if not gate["passed"]]
    if "faithfulness" in metrics and is_advisory(content):
        say(f"  the judge, {content['judge']}, is below its bar or was not judged: its metrics are advisory")
    if content["gates"]:
        say(f"  gates: {len(content['gates']) - len(failed)} passed, {len(failed)} failed")
    for gate in failed:
        say(f"  [bold red]gate failed[/]  {gate['name']}: it {value_of(gate)}; {gate['reason']}")
        for move in content["baseline"].get(gate["metric"], {}).get("moved", ()):
            say(f"    {move['before']:.3f} → {move['after']:.3f}  make case Q={move['query_id']}")


def line(name: str, value: dict[str, float], old: dict[str, float] | None) -> tuple[str, ...]:
    """One metric: mean, interval, how many, what it was, what it means."""
    change = value["mean"] - old["mean"] if old else 0
    was = f"{old['mean']:.3f} ({change:+.3f})" if old and abs(change) >= 0.0005 else "same" if old else ""
    interval = f"{value['low']:.3f} to {value['high']:.3f}"
    return name, f"{value['mean']:.3f}", interval, f"{value['n']:.0f}", was, f"[dim]{MEANING.get(name, '')}[/]"


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
