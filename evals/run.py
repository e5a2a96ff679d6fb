"""One run of the evaluation: score what changed, compare with the baseline, hold the gates, write the reports."""

import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from evals.baseline import FILE as BASELINE
from evals.baseline import queries_fingerprint, read_baseline, write_baseline
from evals.content import baseline_of, content_of
from evals.dataset import Dataset, read_dataset
from evals.for_ci import write_for_ci
from evals.gates import FILE as GATES
from evals.gates import Gate, read_gates
from evals.page import ladder_of, write_evals
from evals.performance import performance_of
from evals.report import show
from lab.aside import fingerprint, remove, write_json
from lab.console import say
from lab.errors import ConfigError, StageFailed
from lab.report import read_report
from lab.settings import ROOT, Settings


@dataclass(frozen=True)
class Asked:
    """What somebody asked for: a data set instead of the golden set, a split, other gates, and how."""

    dataset: Path | None = None
    split: str = "test"
    gates: Path | None = None
    again: bool = False
    fast: bool = False
    accept: bool = False


def run_evals(settings: Settings, asked: Asked) -> None:
    """Score and report. Raises StageFailed when a gate fails; a data set of one's own has none unless some are named.

    A fast run scores a sample without RAGAS: it holds only the gates that compare with the baseline, query by query.
    """
    if asked.accept and (asked.dataset or asked.fast):
        raise ConfigError("The baseline is the whole golden set.", next_step="make evals ACCEPT=1, without the rest")
    if asked.dataset is None and settings.is_own and not (settings.source / "golden").is_dir():
        skip(settings, asked.split)
        return
    folder = (asked.dataset or settings.source / "golden").resolve()
    gates = read_gates(asked.gates or GATES) if asked.gates or asked.dataset is None else []
    if asked.fast:
        gates = [gate for gate in gates if gate.threshold is None]
    where = settings
    if asked.dataset:
        from evals.own_dataset import own_name

        where = settings.model_copy(update={"home": settings.home / "datasets" / own_name(folder)})
    report_file = where.reports / "evals.json"
    before = read_report(report_file, make="evals") if report_file.exists() else None
    scored_from = fingerprint_of(settings, folder, asked, gates)
    if before and before.get("scored_from") == scored_from and not (asked.again or asked.accept):
        say(f"[bold]evals[/]  unchanged: the scores of {folder.name}, split {asked.split}, are those of the last run")
        content = before
    else:
        content = scored_content(where, folder, asked, gates) | {"scored_from": scored_from}
        write_json(report_file, content)
    show(content, before)
    say(f"  [dim]{where.reports / 'evals.html'}[/]")
    failed = [gate["name"] for gate in content["gates"] if not gate["passed"]]
    if failed:
        raise StageFailed(
            f"{len(failed)} of {len(gates)} gates failed: {'; '.join(failed)}.",
            next_step=f"open {where.reports / 'evals.html'}, which shows the worst queries",
        )


def scored_content(where: Settings, folder: Path, asked: Asked, gates: list[Gate]) -> dict[str, Any]:
    """evals.json of a new run, its pages written."""
    from evals.evaluate import evaluate

    golden: Dataset = read_dataset(folder, asked.split)
    if asked.fast:
        golden = golden.sample()
    sample = ", a sample" if asked.fast else ""
    say(f"[bold]evals[/]  {len(golden.queries)} queries of {golden.name}, split {asked.split}{sample}")
    if asked.dataset:
        from evals.own_dataset import index_dataset

        index_dataset(where, golden)
    found = evaluate(where, golden, asked.fast)
    calibration = None if asked.fast else calibration_of(where, folder)
    queries = queries_fingerprint(folder)
    if asked.accept:
        content = content_of(where, golden, asked.split, found, calibration, gates, None)
        write_baseline(baseline_of(content, found.scored, gates, queries), BASELINE)
        say(f"  the baseline is renewed: {os.path.relpath(BASELINE)}; commit it with the change that made it so")
    baseline = read_baseline(BASELINE)
    if baseline and not baseline.is_of(queries, asked.split, where.judge):
        say("  not compared with the baseline, which is of other queries or of another judge")
        baseline = None
    content = content_of(where, golden, asked.split + sample, found, calibration, gates, baseline)
    content["looks"] = look(where, asked.split, queries, content)
    performance = performance_of([one.draft for one in found.scored if one.draft])
    write_json(where.reports / "evals-performance.json", performance)
    write_for_ci(where.reports, content)
    write_evals(where, content, found.scored, performance, None if asked.dataset else ladder_of(where))
    return content


def look(settings: Settings, split: str, queries: str, content: dict[str, Any]) -> int:
    """Note that a split was scored, and return with how many different results it was.

    Whoever changes something after each look at `test` chooses on it, without meaning to.
    """
    file = settings.home / "evals" / "looks.json"
    seen: dict[str, list[str]] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    results = {*seen.get(split, []), fingerprint(also=f"{queries} {content['metrics']}")}
    write_json(file, seen | {split: sorted(results)})
    return len(results)


def calibration_of(settings: Settings, folder: Path) -> dict[str, Any] | None:
    """What the judge is worth: of the offline one at once, of a language model as `make judge` found it; else None."""
    from evals.calibration import calibrate
    from evals.judges.judge import judge
    from evals.pairs import read_pairs

    pairs, last = folder / "calibration.jsonl", settings.reports / "judge.json"
    if settings.judge == "offline" and pairs.exists():
        return asdict(calibrate(judge("offline", settings), read_pairs(pairs, "test"), "test"))
    known = read_report(last, make="judge") if last.exists() else {}
    return known if known.get("judge") == settings.judge and known.get("split") == "test" else None


def skip(settings: Settings, split: str) -> None:
    """Somebody's own tickets without a golden set: nothing is known to score against, and the reports say so."""
    for stale in ("evals.html", "evals-performance.json", "evals.md", "evals.junit.xml"):
        remove(settings.reports / stale)
    content: dict[str, object] = {
        "dataset": None,
        "split": split,
        "config": {},
        "judge": "none",
        "metrics": {},
        "slices": {},
        "gates": [],
    }
    write_json(settings.reports / "evals.json", content)
    say(f"[bold]evals[/]  skipped, gates too: there is no golden set in {settings.source}")
    say("  a folder with corpus.jsonl, queries.jsonl and qrels.tsv is scored by python -m evals --dataset DIR")


def fingerprint_of(settings: Settings, folder: Path, asked: Asked, gates: list[Gate]) -> str:
    """Everything that the report comes from: queries, index, code, settings, gates.

    Never twice the same for a real chat model, whose answers differ from call to call.
    """
    index = settings.reports / "rag.json"
    read = [path for path in (folder, index, ROOT / "evals", ROOT / "rag_track") if path.exists()]
    model = "offline" if settings.llm == settings.judge == "offline" else f"{settings.llm} {time.time()}"
    return fingerprint(
        *read, also=f"{settings.model_dump(exclude={'home'})} {model} {asked.split} {asked.fast} {gates}"
    )
