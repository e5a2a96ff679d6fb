"""A week of the loop: tickets come in, drafts go out, agents judge, the retriever learns; the report grows by a line.

out/weeks/<n>/result.json       what became of the week
out/reports/loop.json, .html    all weeks: the number moving, and where it does not
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from bridge.loop.decide import Measured
from bridge.loop.desk import agents, work
from bridge.loop.learn import Learned, Tried, learn
from bridge.loop.page import write_loop
from bridge.loop.show import show_learned
from evals.paired import QueryScore, compare
from evals.statistics import Estimate, estimate
from lab.aside import remove, write_json
from lab.console import say
from lab.errors import MissingStep
from lab.report import read_report
from lab.settings import Settings
from rag_track.learn.versions import Kind

FAST: tuple[Kind, ...] = ("knowledge", "adapter")
SPLITS = {"dev": "problems with feedback", "test": "problems without"}


def week(settings: Settings, careless: float, poison: bool, steps: Sequence[Kind] = FAST) -> dict[str, Any]:
    """Work the week whose tickets came in last, learn, and report. Returns the week's line of loop.json.

    `careless` is the share of drafts that each agent does not read properly; with `poison` one of five is malicious.
    Raises MissingStep when no tickets came in.
    """
    folders = [folder for folder in (settings.home / "weeks").glob("*") if (folder / "tickets.jsonl").exists()]
    waiting = sorted((int(folder.name), folder) for folder in folders if not (folder / "result.json").exists())
    if not waiting:
        raise MissingStep("No tickets wait for a week of work.", next_step="make week")
    number, folder = waiting[0]
    say(f"[bold]week {number}[/]  drafts, and what five agents make of them")
    verdicts = work(settings, folder, agents(careless, poison))
    learned = learn(settings, steps)
    show_learned(learned)
    line = {
        "week": number,
        "careless": careless,
        "poison": poison,
        "verdicts": dict(verdicts),
        "feedback": learned.training.sheet.feedback,
        **line_of(settings, learned),
    }
    write_json(folder / "result.json", line)
    remove(folder / "tickets.jsonl")  # the customers' words as they came; the drafts keep them redacted
    write_report(settings)
    return line


def line_of(settings: Settings, learned: Learned) -> dict[str, Any]:
    """What a run of learning came to: what was tried, what serves, its scores, the change since the base version."""
    base = read_report(settings.models / "base.json", make="week")
    return {
        "sheet": learned.training.sheet.to_record(),
        "problems": len(learned.problems),
        "tried": [tried_of(one) for one in learned.tried],
        "serves": learned.serves.id,
        "scores": {split: asdict(mean_of(learned.measured, split)) for split in SPLITS},
        "since_base": {split: since(base, learned.measured, split) for split in SPLITS},
    }


def tried_of(one: Tried) -> dict[str, Any]:
    return {
        "version": one.version.id,
        "step": one.version.kind,
        "seconds": round(one.seconds, 1),
        "scores": {split: asdict(mean_of(one.measured, split)) for split in SPLITS},
        **one.decision.to_record(),
    }


def scores_of(measured: Measured, split: str) -> list[QueryScore]:
    found = (one.of("ndcg@10") for one in measured.retrieved if one.query.split == split)
    return [score for score in found if score]


def mean_of(measured: Measured, split: str) -> Estimate:
    """nDCG@10 of a split with its interval."""
    found = scores_of(measured, split)
    return estimate([one.value for one in found], [one.group for one in found])


def since(base: dict[str, float], measured: Measured, split: str) -> dict[str, float] | None:
    """The change of nDCG@10 against the base version on the same queries, with its interval."""
    after = scores_of(measured, split)
    before = [QueryScore(one.query_id, one.group, base[one.query_id]) for one in after if one.query_id in base]
    found = compare(before, after)
    return asdict(found.difference) if found else None


def write_report(settings: Settings) -> None:
    """loop.json and loop.html from the results of all weeks."""
    files = (settings.home / "weeks").glob("*/result.json")
    lines = [read_report(file, make="week") for file in sorted(files, key=lambda file: int(file.parent.name))]
    write_json(settings.reports / "loop.json", {"weeks": lines})
    write_loop(settings, lines)
    say(f"  the loop on a page: [bold]{settings.reports / 'loop.html'}[/]")
