"""`python -m evals [--dataset DIR] [--split dev|test|all]`: score, report, hold the gates. And `threshold`."""

import hashlib
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lab.aside import fingerprint
from lab.console import run, say
from lab.errors import ConfigError, StageFailed
from lab.report import read_report
from lab.settings import ROOT, Settings, read_settings

if TYPE_CHECKING:
    from evals.gates import Gate

app = typer.Typer(help="Score retrieval and drafts against a golden set, and hold the gates.", add_completion=False)


@app.callback(invoke_without_command=True)
def evals(
    context: typer.Context,
    dataset: Annotated[Path | None, typer.Option(help="a BEIR-shaped folder; without it, the lab's golden set")] = None,
    split: Annotated[str, typer.Option(help="dev, test or all")] = "test",
    gates: Annotated[Path | None, typer.Option(help="another gates.toml")] = None,
    again: Annotated[bool, typer.Option("--again", help="score again, even if nothing changed")] = False,
) -> None:
    """Exit with status 1 when a gate fails. A data set of your own has no gates unless you name some."""
    if context.invoked_subcommand:
        return
    from evals.dataset import read_dataset
    from evals.gates import FILE, read_gates
    from evals.report import show

    settings = read_settings()
    if dataset is None and settings.is_own and not (settings.source / "golden").is_dir():
        skip(settings, split)
        return
    folder = (dataset or settings.source / "golden").resolve()
    bounds = read_gates(gates or FILE) if gates or dataset is None else []
    where = settings.model_copy(update={"home": settings.home / "datasets" / own_name(folder)}) if dataset else settings
    report_file = where.reports / "evals.json"
    before = read_report(report_file, make="evals") if report_file.exists() else None
    scored_from = fingerprint_of(settings, folder, split, bounds)
    if before and before.get("scored_from") == scored_from and not again:
        say(f"[bold]evals[/]  unchanged: the scores of {folder.name}, split {split}, are those of the last run")
        content = before
    else:
        from evals.evaluate import evaluate, index_dataset
        from evals.report import content_of, write

        golden = read_dataset(folder, split)
        say(f"[bold]evals[/]  {len(golden.queries)} queries of {golden.name}, split {split}")
        if dataset:
            index_dataset(where, golden)
        scored = evaluate(where, golden)
        content = content_of(where, golden, split, scored, bounds) | {"scored_from": scored_from}
        write(where, content, scored)
    show(content, before)
    say(f"  [dim]{where.reports / 'evals.html'}[/]")
    failed = [gate["name"] for gate in content["gates"] if not gate["passed"]]
    if failed:
        raise StageFailed(
            f"{len(failed)} of {len(bounds)} gates failed: {'; '.join(failed)}.",
            next_step=f"open {where.reports / 'evals.html'}, which shows the worst queries",
        )


@app.command()
def threshold() -> None:
    """Learn on the dev split how near a past ticket must be for a draft (LAB_DECLINE_BELOW)."""
    from evals.dataset import read_dataset
    from evals.threshold import learn, show_bounds

    settings = read_settings()
    golden = read_dataset((settings.source / "golden").resolve(), "dev")
    if not golden.answerable or not golden.unanswerable:
        raise ConfigError(
            "A threshold needs queries that past tickets answer and queries that none answers.",
            next_step="add some of the missing kind to queries.jsonl",
        )
    show_bounds(learn(settings, golden), settings.decline_below)


def skip(settings: Settings, split: str) -> None:
    """Somebody's own tickets without a golden set: nothing is known to score against, and the reports say so."""
    from lab.aside import remove, write_json

    remove(settings.reports / "evals.html")
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


def own_name(folder: Path) -> str:
    """A folder name for somebody's data set: two of the same name in other places do not meet."""
    return f"{folder.name}-{hashlib.sha256(str(folder).encode()).hexdigest()[:8]}"


def fingerprint_of(settings: Settings, folder: Path, split: str, bounds: list["Gate"]) -> str:
    """Everything that the report comes from: queries, index, code, settings, gates.

    Never twice the same for a real chat model, whose answers differ from call to call.
    """
    index = settings.reports / "rag.json"
    read = [path for path in (folder, index, ROOT / "evals", ROOT / "rag_track") if path.exists()]
    model = settings.llm if settings.llm == "offline" else f"{settings.llm} {time.time()}"
    return fingerprint(*read, also=f"{settings.model_dump(exclude={'home'})} {model} {split} {bounds}")


if __name__ == "__main__":
    run(app, "evals")
