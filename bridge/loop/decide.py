"""Decide whether a version may serve: surely better where it learned, nowhere worse than its margin (margins.toml)."""

import tomllib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bridge.loop.measure import Retrieved
from evals.paired import QueryScore, compare

MARGINS = Path(__file__).parent / "margins.toml"


@dataclass(frozen=True)
class Slice:
    """One metric on some queries, before and after, with the 95% interval of the difference, and what it must be."""

    metric: str
    of: str
    n: int
    before: float
    after: float
    difference: float
    low: float
    high: float
    wins: int
    losses: int
    bound: str
    reason: str
    holds: bool


@dataclass(frozen=True)
class Decision:
    """Whether a version is better than another, and each reason."""

    promoted: bool
    slices: tuple[Slice, ...]

    @property
    def why(self) -> str:
        """In a sentence."""
        failed = [one for one in self.slices if not one.holds]
        if not failed:
            return "surely better where it learned, and nowhere worse than its margin"
        return "; ".join(
            f"{one.metric} of {one.of} {one.difference:+.3f}, must be {one.bound}: {one.reason}" for one in failed
        )

    def to_record(self) -> dict[str, Any]:
        return {"promoted": self.promoted, "why": self.why, "slices": [asdict(one) for one in self.slices]}


@dataclass(frozen=True)
class Measured:
    """A version's retrieval with the bound below which it declines, and the problems that it learned about."""

    retrieved: Sequence[Retrieved]
    decline_below: float


def decide(
    old: Measured, new: Measured, learned: frozenset[str], base: dict[str, float], margins: Path = MARGINS
) -> Decision:
    """Compare two versions on the same golden queries. `learned` are the problems that the new one got feedback on.

    `base` has the nDCG@10 of each query before anything was learned.
    """
    content = tomllib.loads(margins.read_text(encoding="utf-8"))
    rules = [content["better"] | {"surely": True}, *content["margin"]]
    slices = [found for rule in rules if (found := compared(old, new, learned, base, rule))]
    return Decision(all(one.holds for one in slices), tuple(slices))


def compared(
    old: Measured, new: Measured, learned: frozenset[str], base: dict[str, float], rule: dict[str, Any]
) -> Slice | None:
    """One rule; None when no query is of that kind."""
    before, after = (scores(one, learned, rule["metric"], rule["of"]) for one in (old, new))
    if rule.get("against") == "base":
        before = [QueryScore(one.query_id, one.group, base[one.query_id]) for one in after if one.query_id in base]
    found = compare(before, after)
    if found is None:
        return None
    gain = found.difference
    if rule.get("surely"):
        bound, holds = "surely above 0", gain.low > 0
    elif "at_least" in rule:
        bound, holds = f">= {rule['at_least']:+.3f}", gain.mean >= rule["at_least"]
    else:
        bound, holds = f"<= {rule['at_most']:+.3f}", gain.mean <= rule["at_most"]
    bound += " (to base)" if rule.get("against") == "base" else ""
    figures = (gain.n, found.before, found.after, gain.mean, gain.low, gain.high, found.wins, found.losses)
    return Slice(rule["metric"], rule["of"], *figures, bound, rule["reason"], holds)


def scores(measured: Measured, learned: frozenset[str], metric: str, of: str) -> list[QueryScore]:
    """A metric of the queries of one kind: seen, unseen, all, answerable, unanswerable, or a tag of the golden set."""
    chosen = [one for one in measured.retrieved if is_of(one, of, learned)]
    if metric == "declined":
        return [
            QueryScore(one.query.id, one.query.group, float(one.similarity < measured.decline_below)) for one in chosen
        ]
    return [score for one in chosen if (score := one.of(metric))]


def is_of(one: Retrieved, of: str, learned: frozenset[str]) -> bool:
    problems = set(one.query.problem_ids)
    kinds = {
        "all": True,
        "answerable": bool(problems),
        "unanswerable": not problems,
        "seen": bool(problems) and problems <= learned,
        "unseen": bool(problems) and not problems & learned,
    }
    return kinds.get(of, of in one.query.tags)


def bound_like(old: Measured, retrieved: Sequence[Retrieved]) -> float:
    """The bound that declines as many answerable dev queries as before: other similarities need another bound."""

    def known(found: Sequence[Retrieved]) -> list[float]:
        return [one.similarity for one in found if one.query.split == "dev" and one.query.problem_ids]

    declined = np.mean([similarity < old.decline_below for similarity in known(old.retrieved)])
    return round(float(np.quantile(known(retrieved), declined)), 3)
