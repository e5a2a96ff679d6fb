"""Learn when to decline: the similarity that the best past ticket must have, from the dev split.

For each bound: the share of answerable queries that would still be answered (coverage) and the share of unanswerable
ones that would be declined. Their mean is the balanced accuracy, which does not care that unanswerable ones are few.
`test` is not touched: what is chosen on it cannot be reported on it.
"""

from dataclasses import dataclass

from rich.table import Table

from evals.dataset import Dataset
from lab.console import console, say
from lab.settings import Settings
from rag_track.retrieve import Retriever

STEP = 0.01


@dataclass(frozen=True)
class Bound:
    """What a bound on the best similarity would do, as shares from 0 to 1."""

    decline_below: float
    answered: float  # of the answerable queries
    declined: float  # of the unanswerable ones

    @property
    def balanced_accuracy(self) -> float:
        return (self.answered + self.declined) / 2


def bounds(answerable: list[float], unanswerable: list[float]) -> list[Bound]:
    """Every bound from 0 to 1 in steps of 0.01, for the best similarities of two kinds of queries, neither empty."""
    steps = [round(number * STEP, 2) for number in range(int(1 / STEP) + 1)]
    return [
        Bound(
            step,
            answered=sum(similarity >= step for similarity in answerable) / len(answerable),
            declined=sum(similarity < step for similarity in unanswerable) / len(unanswerable),
        )
        for step in steps
    ]


def best(found: list[Bound]) -> Bound:
    """The bound with the highest balanced accuracy; of several equal ones that in the middle, farthest from a fall."""
    highest = max(bound.balanced_accuracy for bound in found)
    equal = [bound for bound in found if bound.balanced_accuracy == highest]
    return equal[len(equal) // 2]


def learn(settings: Settings, dataset: Dataset) -> list[Bound]:
    """The bounds for a data set, by the similarity of the nearest past ticket to each query."""
    retriever = Retriever(settings)
    retriever.embeddings.vectors([query.text for query in dataset.queries])  # in one go: faster

    def nearest(text: str) -> float:
        return max((hit.similarity for hit in retriever.retrieve(text, settings.top_k)), default=0.0)

    return bounds(
        [nearest(query.text) for query in dataset.answerable], [nearest(query.text) for query in dataset.unanswerable]
    )


def show_bounds(found: list[Bound], present: float) -> None:
    """Print the bounds around the best and the present one, and what to set."""
    chosen = best(found)
    table = Table("decline below", "answered", "declined", "balanced accuracy", "", box=None, header_style="bold")
    low, high = min(chosen.decline_below, present) - 0.06, max(chosen.decline_below, present) + 0.06
    for bound in found:
        if not low <= bound.decline_below <= high:
            continue
        notes = ["learned"] * (bound == chosen) + ["present"] * (bound.decline_below == round(present, 2))
        shares = (bound.answered, bound.declined, bound.balanced_accuracy)
        table.add_row(f"{bound.decline_below:.2f}", *(f"{share:.3f}" for share in shares), ", ".join(notes))
    console.print(table)
    say("  answered: of the queries that past tickets answer; declined: of those that none answers")
    if chosen.decline_below != round(present, 2):
        say(f"  to use the learned one: LAB_DECLINE_BELOW={chosen.decline_below:.2f}")
