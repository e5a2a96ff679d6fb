"""The baseline: scores that were accepted, in the repository, against which every later run is compared.

`make evals ACCEPT=1` renews it, and the difference stands in the commit for whoever reviews it. It holds the scores
of single queries, because only they can be compared with certainty (paired.py).
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.paired import QueryScore
from lab.aside import fingerprint, written_aside
from lab.errors import ConfigError

FILE = Path(__file__).parent / "baseline.json"
DIGITS = 4


@dataclass(frozen=True)
class Baseline:
    """What was accepted: of which data set and split, and each metric of each query."""

    dataset: str
    split: str
    queries: str  # fingerprint of the queries and what is relevant to them
    judge: str
    config: dict[str, Any]
    groups: dict[str, str]  # query → problem
    scores: dict[str, dict[str, float]]  # metric → query → value

    def is_of(self, queries: str, split: str, judge: str) -> bool:
        """Whether a run of these queries, with this judge, can be compared with it."""
        return (self.queries, self.split, self.judge) == (queries, split, judge)

    def of(self, metric: str) -> list[QueryScore]:
        """The scores of one metric; none when it was not measured."""
        return [QueryScore(query, self.groups[query], value) for query, value in self.scores.get(metric, {}).items()]


def read_baseline(file: Path = FILE) -> Baseline | None:
    """The accepted scores, None when none were. Raises ConfigError for a file that is no baseline."""
    if not file.exists():
        return None
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        names, rows = content.pop("metrics"), content.pop("scores")
        groups = {query: group for query, (group, *_) in rows.items()}
        scores: dict[str, dict[str, float]] = {name: {} for name in names}
        for query, (_, *values) in rows.items():
            for name, value in zip(names, values, strict=True):
                if value is not None:
                    scores[name][query] = value
        return Baseline(**content, groups=groups, scores=scores)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ConfigError(f"{file} is no baseline: {error}.", next_step="make evals ACCEPT=1") from None


def write_baseline(baseline: Baseline, file: Path = FILE) -> None:
    """Accept these scores: a line for each query, so that a commit shows which ones changed."""
    head = {name: getattr(baseline, name) for name in ("dataset", "split", "queries", "judge", "config")}
    names = list(baseline.scores)
    lines = [
        f"  {json.dumps(query)}: {json.dumps([group, *(baseline.scores[name].get(query) for name in names)])}"
        for query, group in baseline.groups.items()
    ]
    start = json.dumps(head | {"metrics": names}, indent=1)[:-2]
    with written_aside(file) as aside:
        aside.write_text(f'{start},\n "scores": {{\n' + ",\n".join(lines) + "\n }\n}\n", encoding="utf-8")


def queries_fingerprint(folder: Path) -> str:
    """What makes two runs comparable: the queries and their qrels, byte for byte."""
    files = [path for path in (folder / "queries.jsonl", folder / "qrels.tsv", folder / "qrels") if path.exists()]
    return fingerprint(*files)
