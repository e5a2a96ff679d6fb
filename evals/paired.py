"""Compare two runs query by query: a mean difference with its interval, wins, losses, ties, and what moved most.

Two means with overlapping intervals can still differ surely: the same queries were asked twice, and what makes a query
hard makes it hard both times. So the differences are resampled, not the two runs (Sakai, Laboratory Experiments in
Information Retrieval, 2018, chapter 2; the resampling is that of statistics.py, by problem).
"""

from dataclasses import dataclass

from evals.statistics import Estimate, estimate

SAME = 1e-6  # a smaller difference is a tie
MOVED = 5


@dataclass(frozen=True)
class QueryScore:
    """One metric of one query; `group` is its problem."""

    query_id: str
    group: str
    value: float


@dataclass(frozen=True)
class Move:
    """A query whose score differs between two runs."""

    query_id: str
    before: float
    after: float


@dataclass(frozen=True)
class Comparison:
    """`after` against `before` on the queries that both have; a positive difference is higher, whatever that means."""

    before: float
    after: float
    difference: Estimate
    wins: int
    losses: int
    ties: int
    moved: tuple[Move, ...]  # the farthest first


def compare(before: list[QueryScore], after: list[QueryScore]) -> Comparison | None:
    """The comparison on the queries that both runs scored; None when there is none."""
    old = {score.query_id: score.value for score in before}
    both = [score for score in after if score.query_id in old]
    if not both:
        return None
    differences = [score.value - old[score.query_id] for score in both]
    moves = [Move(score.query_id, old[score.query_id], score.value) for score in both]
    moves.sort(key=lambda move: (-abs(move.after - move.before), move.query_id))
    return Comparison(
        before=sum(old[score.query_id] for score in both) / len(both),
        after=sum(score.value for score in both) / len(both),
        difference=estimate(differences, [score.group for score in both]),
        wins=sum(difference > SAME for difference in differences),
        losses=sum(difference < -SAME for difference in differences),
        ties=sum(abs(difference) <= SAME for difference in differences),
        moved=tuple(move for move in moves[:MOVED] if abs(move.after - move.before) > SAME),
    )
