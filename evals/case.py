"""One query, everything about it: what is relevant, what was found and why, the draft, the evidence of each metric."""

import asyncio
from dataclasses import replace

from rich.markup import escape
from rich.table import Table

from evals.dataset import Dataset, read_dataset
from evals.evaluate import Scored, evaluate
from evals.judges.entailment import entailment
from evals.judges.judge import Judge, judge
from evals.judges.passage import sentences
from evals.meaning import MEANING
from evals.truths import is_for_others, is_outdated, shows_personal_data
from lab.console import console, say
from lab.errors import ConfigError, closest
from lab.settings import Settings

SHOWN = 5  # relevant documents
PASSAGE = 42  # characters of a hit, so that it is one line


def case(settings: Settings, query_id: str) -> None:
    """Score one golden query and print it at 100 columns. Raises ConfigError for an unknown one."""
    golden = read_dataset(settings.source / "golden", "all")
    known = {query.id: query for query in golden.queries}
    if query_id not in known:
        raise ConfigError(f"There is no golden query {query_id!r}.", next_step=f"use {closest(query_id, known)}")
    nothing_planted = replace(golden.truth, instructions=())  # attacks are made on a whole run
    found = evaluate(settings, replace(golden, queries=(known[query_id],), truth=nothing_planted))
    [scored] = found.scored
    show_query(scored, golden)
    show_hits(scored, golden)
    show_draft(scored)
    if scored.draft and not scored.draft.declined and scored.query.reference:
        show_verdicts(scored, judge(settings.judge, settings, settings.judge_url))
    show_metrics(scored, golden)


def show_query(scored: Scored, golden: Dataset) -> None:
    query = scored.query
    say(f"\n[bold]Query[/]  {escape(query.text)}")
    say(f"  {query.id}, split {query.split}; {', '.join(query.tags) or 'no tags'}")
    if query.reference:
        say(f"  reference: {escape(query.reference)}")
    relevant = sorted(golden.qrels.get(query.id, {}).items(), key=lambda item: (-item[1], item[0]))
    relevant = [(document, grade) for document, grade in relevant if grade > 0]
    say(f"\n[bold]Relevant[/]  {len(relevant)} past tickets, the best {min(SHOWN, len(relevant))}:")
    for document, grade in relevant[:SHOWN]:
        say(f"  {document:<18}grade {grade}  {escape(golden.corpus.get(document, ('', ''))[0][:PASSAGE])}")


def show_hits(scored: Scored, golden: Dataset) -> None:
    grades = golden.qrels.get(scored.query.id, {})
    table = Table("", "ticket", "grade", "score", "because", "passage", box=None, header_style="bold")
    for rank, hit in enumerate(scored.hits, start=1):
        grade = grades.get(hit.ticket_key, 0)
        passage = " ".join(hit.text.split())[:PASSAGE]
        cells = (f"[bold]{grade}[/]" if grade else "0", f"{hit.score:.3f}", hit.reason)
        table.add_row(str(rank), hit.ticket_key, *cells, escape(passage))
    say("\n[bold]Found[/]  grade 2: a solution that holds for this customer; 1: the right problem; 0: another")
    console.print(table)


def show_draft(scored: Scored) -> None:
    draft = scored.draft
    if draft is None:
        return
    say(f"\n[bold]Draft[/]  by {draft.model}, confidence {draft.confidence:.2f}")
    console.print(draft.text, markup=False)
    for removed in draft.removed:
        say(f"  [yellow]removed:[/] {escape(removed.text)} [dim]({escape(removed.reason)})[/]")
    if draft.needs_human:
        say(f"  [yellow]a human must look:[/] {escape(draft.why_human)}")


def show_verdicts(scored: Scored, judge: Judge) -> None:
    """What the judge says of each sentence of the draft and of the reference, beside the tickets that were read."""
    context = "\n".join(scored.conversations.values())
    draft = [sentence.text for sentence in scored.draft.sentences] if scored.draft else []
    reference = sentences(scored.query.reference or "")
    say(f"\n[bold]Judge {judge.name}[/]  is it in the tickets that were read?")
    table = Table("", "", "sentence", "because", box=None, header_style="bold")
    verdicts = asyncio.run(entailment(judge, context, draft + reference))
    names = ["draft"] * len(draft) + ["reference"] * len(reference)
    for name, one in zip(names, verdicts, strict=True):
        verdict = {True: "[green]yes[/]", False: "[red]no[/]", None: "[yellow]?[/]"}[one.supported]
        table.add_row(name, verdict, escape(one.statement), escape(one.reason))
    console.print(table)


def show_metrics(scored: Scored, golden: Dataset) -> None:
    """Each metric with its value and what it was counted from."""
    table = Table("metric", "value", "because", box=None, header_style="bold")
    for name, value in scored.metrics.items():
        table.add_row(name, f"{value:.3f}", escape(evidence(name, scored, golden)))
    say("")
    console.print(table)


def evidence(metric: str, scored: Scored, golden: Dataset) -> str:
    """What a metric was counted from, in words; its meaning where there is nothing to point to."""
    query, text = scored.query, scored.draft.text.lower() if scored.draft else ""
    if metric == "facts_present":
        return ", ".join(f"{fact}: {'there' if fact.lower() in text else 'missing'}" for fact in query.facts)
    if metric == "wrong_facts_present":
        return ", ".join(f"{fact}: {'there' if fact.lower() in text else 'not there'}" for fact in query.forbidden)
    if metric == "citations_are_hits" and scored.draft:
        return f"cites {', '.join(scored.draft.citations)}"
    tier, truth, read = query.customer_tier or "", golden.truth, scored.hits[: len(scored.conversations)]
    named = {
        "outdated_hit_rate": [hit.ticket_key for hit in read if is_outdated(truth, hit)],
        "wrong_tier_rate": [hit.ticket_key for hit in read if is_for_others(truth, hit, tier)],
        "personal_data_retrieved": [hit.ticket_key for hit in read if shows_personal_data(truth, hit)],
    }
    return ", ".join(named[metric]) if named.get(metric) else MEANING.get(metric, "")
