"""The report of the loop: what became of each week, and of each `make learn` after it; the number moving, or not.

out/weeks/<n>/result.json       what became of the week
out/weeks/<n>/learned.json      what the last `make learn` after it came to, if there was one
out/reports/loop.json, .html    all of them in order
"""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bridge.loop.decide import Measured
from bridge.loop.learn import Learned, Tried
from bridge.loop.page import write_loop
from evals.paired import QueryScore, compare
from evals.statistics import Estimate, estimate
from lab.aside import write_json
from lab.console import say
from lab.report import read_report
from lab.settings import Settings

SPLITS = {"dev": "problems with feedback", "test": "problems without"}


def report_learned(settings: Settings, learned: Learned, without: Sequence[str] = ()) -> None:
    """A point on the curve for `make learn`, behind the last week; none when no week was worked."""
    worked = weeks_worked(settings)
    if not worked:
        return
    last = worked[-1]
    line = {"week": int(last.name), "point": f"{last.name} + learn", "without": list(without)}
    write_json(last / "learned.json", line | line_of(settings, learned))
    write_report(settings)


def weeks_worked(settings: Settings) -> list[Path]:
    """The folders of all weeks that are over, in order."""
    results = (settings.home / "weeks").glob("*/result.json")
    return sorted((result.parent for result in results), key=lambda folder: int(folder.name))


def line_of(settings: Settings, learned: Learned) -> dict[str, Any]:
    """What a run of learning came to: what was tried, what serves, its scores, the change since the base version."""
    base = read_report(settings.models / "base.json", make="week")
    return {
        "feedback": learned.training.sheet.feedback,
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
        "model_of": one.version.model_of,
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
    files = (folder / name for folder in weeks_worked(settings) for name in ("result.json", "learned.json"))
    lines = [read_report(file, make="week") for file in files if file.exists()]
    write_json(settings.reports / "loop.json", {"weeks": lines})
    write_loop(settings, lines)
    say(f"  the loop on a page: [bold]{settings.reports / 'loop.html'}[/]")
