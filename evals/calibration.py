"""The judge is judged: how often is it right on pairs of which the right verdict is known?

Twin: the ETL track's unit tests, which know the right row. A judge's every metric rests on one question, "does this
context support this statement?"; here it is asked in RAGAS's own words. `dev` is for choosing a judge's thresholds,
`test` for reporting. No answer, or one of the wrong form, counts as wrong.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from evals.judges import agreement
from evals.judges.at_once import AT_ONCE, ask_each
from evals.judges.entailment import entailment
from evals.judges.judge import Judge
from evals.pairs import Pair
from evals.statistics import Estimate, estimate


@dataclass(frozen=True)
class Ruling:
    """What a judge said about a pair: supported or not, or None when it gave no verdict; and its reason."""

    pair: Pair
    said: bool | None
    reason: str

    @property
    def is_right(self) -> bool:
        return self.said is self.pair.supported


@dataclass(frozen=True)
class KindScore:
    """The pairs of one kind: what is right, what was said how often, and the share that was right."""

    kind: str
    supported: bool
    said_supported: int
    said_unsupported: int
    failed: int
    right: Estimate


@dataclass(frozen=True)
class Calibration:
    """What a judge is worth. Intervals are of 95%, resampled by problem.

    Balanced accuracy is the mean of the shares right among supported and among unsupported pairs: a judge that always
    says the same has 0.5. Kappa is the agreement beyond chance (Cohen 1960), 0 for such a judge. `repeats` holds the
    balanced accuracy of each time that the judge was asked everything.
    """

    judge: str
    split: str
    accuracy: Estimate
    balanced_accuracy: Estimate
    kappa: Estimate
    kinds: tuple[KindScore, ...]
    repeats: tuple[float, ...]
    failed: int
    changed_its_mind: int  # pairs that did not get the same verdict each time


def calibrate(judge: Judge, pairs: list[Pair], split: str, at_once: int = AT_ONCE) -> Calibration:
    """Ask a judge about every pair, as often as `judge.repeats` says; a language model `at_once` pairs together.

    Raises ModelError when the judge is out of reach.
    """
    judge.prepare([text for pair in pairs for text in (pair.context, pair.statement)])
    asked = pairs * judge.repeats
    rulings = asyncio.run(ask_each(asked, partial(ask, judge), f"judge {judge.name}", at_once))
    return score(judge.name, split, [rulings[start : start + len(pairs)] for start in range(0, len(asked), len(pairs))])


async def ask(judge: Judge, pair: Pair) -> Ruling:
    """One ruling."""
    [found] = await entailment(judge, pair.context, [pair.statement])
    return Ruling(pair, found.supported, found.reason)


def score(judge: str, split: str, rounds: list[list[Ruling]]) -> Calibration:
    """The scores over all repeats."""
    rulings = [ruling for one in rounds for ruling in one]
    kinds = sorted({(not ruling.pair.supported, ruling.pair.kind) for ruling in rulings})
    said = [{one[place].said for one in rounds} for place in range(len(rounds[0]))]
    return Calibration(
        judge,
        split,
        accuracy=resampled(agreement.accuracy, rulings),
        balanced_accuracy=resampled(agreement.balanced_accuracy, rulings),
        kappa=resampled(agreement.kappa, rulings),
        kinds=tuple(kind_score(kind, [r for r in rulings if r.pair.kind == kind]) for _, kind in kinds),
        repeats=tuple(resampled(agreement.balanced_accuracy, one).mean for one in rounds),
        failed=sum(ruling.said is None for ruling in rulings),
        changed_its_mind=sum(len(verdicts) > 1 for verdicts in said),
    )


def resampled(statistic: Callable[[agreement.Counts], Any], rulings: list[Ruling]) -> Estimate:
    """A statistic of the rulings, whose interval is resampled by problem."""
    pairs = [ruling.pair for ruling in rulings]
    right = [ruling.is_right for ruling in rulings]
    return agreement.resampled(statistic, [p.supported for p in pairs], right, [p.problem_id for p in pairs])


def kind_score(kind: str, rulings: list[Ruling]) -> KindScore:
    """The confusion of one kind."""
    said = [ruling.said for ruling in rulings]
    right = estimate([float(ruling.is_right) for ruling in rulings], [ruling.pair.problem_id for ruling in rulings])
    return KindScore(kind, rulings[0].pair.supported, said.count(True), said.count(False), said.count(None), right)
