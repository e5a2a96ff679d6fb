"""Answering and declining: what an assistant earns by keeping silent when it does not know.

Declining is judged as a classification whose positive class is "no past ticket answers this": precision is the share of
declined queries that were rightly declined, recall the share of unanswerable ones that were declined. The risk-coverage
curve (El-Yaniv and Wiener, On the Foundations of Noise-free Selective Classification, 2010) says what is wrong among
the answered ones when only the surest part is answered.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Answering:
    """One query: how sure the draft was (the best similarity), whether it was declined, whether it can be answered.

    `risk` is 1 minus the share of required facts in the draft that would be given, 1 for an unanswerable query.
    """

    confidence: float
    declined: bool
    answerable: bool
    risk: float


@dataclass(frozen=True)
class Point:
    """Of all queries the share that is answered, and the mean risk of those."""

    coverage: float
    risk: float
    confidence: float  # of the least sure one that is answered


def decline_precision(answers: list[Answering]) -> float | None:
    """Of the declined queries the share that nothing answers; None when none was declined."""
    declined = [one for one in answers if one.declined]
    return sum(not one.answerable for one in declined) / len(declined) if declined else None


def decline_recall(answers: list[Answering]) -> float | None:
    """Of the unanswerable queries the share that was declined; None when there is none."""
    unanswerable = [one for one in answers if not one.answerable]
    return sum(one.declined for one in unanswerable) / len(unanswerable) if unanswerable else None


def risk_coverage(answers: list[Answering], points: int = 20) -> list[Point]:
    """The risk of answering only the surest part of the queries, in equal steps of coverage, the smallest first.

    >>> [point.risk for point in risk_coverage([Answering(0.9, False, True, 0), Answering(0.1, False, True, 1)], 2)]
    [0.0, 0.5]
    """
    surest = sorted(answers, key=lambda one: -one.confidence)
    curve = []
    for step in range(1, points + 1):
        answered = surest[: round(step * len(surest) / points)]
        if answered:
            risk = sum(one.risk for one in answered) / len(answered)
            curve.append(Point(len(answered) / len(surest), risk, answered[-1].confidence))
    return curve
