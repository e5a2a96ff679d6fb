"""`python -m evals [--dataset DIR] [--split dev|test|all]`: score, report, hold the gates. And `threshold`."""

from pathlib import Path
from typing import Annotated

import typer

from lab.console import run
from lab.errors import ConfigError
from lab.settings import read_settings

app = typer.Typer(help="Score retrieval and drafts against a golden set, and hold the gates.", add_completion=False)


@app.callback(invoke_without_command=True)
def evals(
    context: typer.Context,
    dataset: Annotated[Path | None, typer.Option(help="a BEIR-shaped folder; without it, the lab's golden set")] = None,
    split: Annotated[str, typer.Option(help="dev, test or all")] = "test",
    gates: Annotated[Path | None, typer.Option(help="another gates.toml")] = None,
    again: Annotated[bool, typer.Option("--again", help="score again, even if nothing changed")] = False,
    fast: Annotated[bool, typer.Option("--fast", help="two queries of each problem, without RAGAS and judge")] = False,
    accept: Annotated[bool, typer.Option("--accept", help="make these scores the baseline")] = False,
) -> None:
    """Exit with status 1 when a gate fails. A data set of your own has no gates unless you name some."""
    if context.invoked_subcommand:
        return
    from evals.run import Asked, run_evals

    run_evals(read_settings(), Asked(dataset, split, gates, again, fast, accept))


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


@app.command()
def judge(
    split: Annotated[str, typer.Option(help="dev, test or all")] = "test",
    name: Annotated[str, typer.Option("--judge", help="offline, or provider:model; without it, LAB_JUDGE")] = "",
) -> None:
    """Judge the judge: how often is it right on pairs of which the truth is known?"""
    from dataclasses import asdict

    from evals.calibration import calibrate
    from evals.calibration_report import show
    from evals.judges.judge import judge as judge_named
    from evals.pairs import read_pairs
    from lab.aside import write_json

    settings = read_settings()
    pairs = read_pairs(settings.source / "golden" / "calibration.jsonl", split)
    found = calibrate(judge_named(name or settings.judge, settings, settings.judge_url), pairs, split)
    write_json(settings.reports / "judge.json", asdict(found))
    show(found)


@app.command()
def experiment(
    file: Annotated[Path | None, typer.Argument(help="a TOML file; without it, the ladder in evals/")] = None,
    accept: Annotated[bool, typer.Option("--accept", help="keep the ladder's result in evals/ladder.json")] = False,
) -> None:
    """Compare configurations on the same queries: a ladder of single changes, or a grid."""
    from evals.configurations import LADDER
    from evals.experiment import experiment as run_experiment

    run_experiment(read_settings(), file or LADDER, accept)


@app.command()
def case(query: str) -> None:
    """One golden query: what is relevant, what was found, the draft, every metric with its evidence."""
    from evals.case import case as show_case

    show_case(read_settings(), query)


if __name__ == "__main__":
    run(app, "evals")
