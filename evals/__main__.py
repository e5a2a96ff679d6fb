"""`python -m evals [--dataset DIR] [--split dev|test|all]`: score, report, hold the gates."""

from pathlib import Path
from typing import Annotated

import typer

from lab.console import run, say
from lab.errors import StageFailed
from lab.report import read_report
from lab.settings import read_settings

app = typer.Typer(help="Score retrieval and drafts against a golden set, and hold the gates.", add_completion=False)


@app.command()
def evals(
    dataset: Annotated[Path | None, typer.Option(help="a BEIR-shaped folder; without it, the lab's golden set")] = None,
    split: Annotated[str, typer.Option(help="dev, test or all")] = "all",
    gates: Annotated[Path | None, typer.Option(help="another gates.toml")] = None,
) -> None:
    """Exit with status 1 when a gate fails. A data set of your own has no gates unless you name some."""
    from evals.dataset import read_dataset
    from evals.evaluate import evaluate, index_dataset, means
    from evals.gates import FILE, hold, read_gates
    from evals.report import content_of, show, write

    settings = read_settings()
    golden = read_dataset(dataset or settings.source / "golden", split)
    say(f"[bold]evals[/]  {len(golden.queries)} queries of {golden.name}, split {split}")
    bounds = read_gates(gates or FILE) if gates or dataset is None else []
    where = index_dataset(settings, golden) if dataset else settings
    report_file = where.reports / "evals.json"
    before = read_report(report_file, make="evals") if report_file.exists() else None
    scored = evaluate(where, golden)
    verdicts = hold(bounds, {name: value.mean for name, value in means(scored).items()})
    content = content_of(where, golden, split, scored, verdicts)
    write(where, content, scored)
    show(content, before)
    say(f"  [dim]{where.reports / 'evals.html'}[/]")
    failed = [verdict.name for verdict in verdicts if not verdict.passed]
    if failed:
        raise StageFailed(
            f"{len(failed)} of {len(verdicts)} gates failed: {'; '.join(failed)}.",
            next_step=f"open {where.reports / 'evals.html'}, which shows the worst queries",
        )


if __name__ == "__main__":
    run(app, "evals")
