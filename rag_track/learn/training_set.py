"""Learn: what feedback teaches a retriever: which past tickets answer a question, and which do not.

Twin: the ETL track's fct_draft_feedback: the same rows, there to be counted.

A kept citation answers the question, a dropped one does not. Kept ones were found already, so they teach little. An
answer that was sent teaches more: every past ticket in which agents said the same answers the question too, in whatever
words its customer asked. That is what the vectors of answers are compared for.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from rag_track.documents import Document
from rag_track.draft import without_citations
from rag_track.service.requests import Edited, Rejected
from rag_track.service.store import Given
from rag_track.validity import last_answer

SAME = 0.7  # cosine of two answers that say the same: nine in ten such pairs are about one problem (seed 7, dev)
REPEATED = 0.95  # cosine of two questions of which, with the same answer, one is enough
ALIKE = 0.8  # cosine of two questions that should get the same answer

Vectors = Callable[[list[str]], Any]  # texts → a float32 array of shape (texts, dimension), vectors of length 1


@dataclass(frozen=True)
class Example:
    """A question with the tickets that answer it, found by their keys, and those that were dropped."""

    feedback_id: str
    ticket_key: str  # under which its own edit is knowledge: it must not find itself
    question: str
    positives: tuple[str, ...]
    negatives: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """What a training set is made of. `left_out` counts feedback by the reason why it is not used."""

    feedback: int
    used: int
    accepted: int
    edited: int
    rejected: int
    left_out: dict[str, int]
    repeated_edits: int  # not made knowledge a second time
    edits: int  # that are knowledge
    examples: int  # with a positive
    kept_citations: int
    dropped_citations: int
    found_by_answer: int  # positives beyond kept citations
    alone: dict[str, tuple[int, int]]  # by agent: answers no colleague gave to a question alike, of how many compared

    def to_record(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class TrainingSet:
    """What is learned from: `feedback` all that is used, `edits` what becomes knowledge, `examples` what trains."""

    feedback: tuple[Given, ...]
    edits: tuple[Given, ...]
    examples: tuple[Example, ...]
    sheet: Sheet


def training_set(
    given: Sequence[Given], knowledge: Sequence[Document], vectors: Vectors, left_out: Callable[[Given], str | None]
) -> TrainingSet:
    """What can be learned from feedback about the documents that are knowledge.

    Of several judgements of one draft the last counts. `left_out` says why some feedback must not be used, or None.
    """
    last = {one.draft.id: one for one in given}
    reasons = Counter({"judged again later": len(given) - len(last)})
    used = []
    for one in last.values():
        if reason := left_out(one):
            reasons[reason] += 1
        else:
            used.append(one)
    edits = without_repeats([one for one in used if isinstance(one.feedback, Edited)], vectors)
    examples = examples_of(used, knowledge, vectors)
    verdicts = Counter(one.feedback.verdict for one in used)
    kept = sum(len(one.feedback.citations_kept) for one in used if sent(one))
    sheet = Sheet(
        feedback=len(given),
        used=len(used),
        accepted=verdicts["accepted"],
        edited=verdicts["edited"],
        rejected=verdicts["rejected"],
        left_out={reason: count for reason, count in sorted(reasons.items()) if count},
        repeated_edits=verdicts["edited"] - len(edits),
        edits=len(edits),
        examples=len(examples),
        kept_citations=kept,
        dropped_citations=sum(len(one.feedback.citations_dropped) for one in used),
        found_by_answer=sum(len(example.positives) for example in examples) - kept,
        alone=alone(used, vectors),
    )
    return TrainingSet(tuple(used), tuple(edits), tuple(examples), sheet)


def sent(given: Given) -> str:
    """The answer that the customer got; empty when the draft was rejected: then nobody knows."""
    if isinstance(given.feedback, Edited):
        return given.feedback.text
    return "" if isinstance(given.feedback, Rejected) or given.draft.declined else without_citations(given.draft.text)


def without_repeats(edits: list[Given], vectors: Vectors) -> list[Given]:
    """The edits without those that say to the same question the same as an earlier one."""
    if not edits:
        return []
    asked = vectors([one.draft.question for one in edits])
    said = vectors([sent(one) for one in edits])
    kept: list[int] = []
    for number in range(len(edits)):
        repeats = (asked[kept] @ asked[number] > REPEATED) & (said[kept] @ said[number] > SAME)
        if not repeats.any():
            kept.append(number)
    return [edits[number] for number in kept]


def alone(used: list[Given], vectors: Vectors) -> dict[str, tuple[int, int]]:
    """For each agent how many of their answers no colleague gave to a question alike, and how many could be compared.

    Who stands alone often may know better, or may not: somebody should look.
    """
    answered = [one for one in used if sent(one)]
    if not answered:
        return {}
    agents = np.array([one.feedback.agent_id for one in answered])
    asked, said = vectors([one.draft.question for one in answered]), vectors([sent(one) for one in answered])
    of_others = (asked @ asked.T > ALIKE) & (agents[:, None] != agents)
    agreed = (of_others & (said @ said.T > SAME)).any(axis=1)
    compared = of_others.any(axis=1)
    return {
        str(agent): (int((compared & ~agreed)[agents == agent].sum()), int(compared[agents == agent].sum()))
        for agent in sorted(set(agents))
    }


def examples_of(used: list[Given], knowledge: Sequence[Document], vectors: Vectors) -> list[Example]:
    """An example for each answer that was sent and has a past ticket beside it."""
    answered = [one for one in used if sent(one)]
    if not answered or not knowledge:
        return []
    keys = np.array([document.ticket_key for document in knowledge])
    near = vectors([sent(one) for one in answered]) @ vectors([last_answer(document) for document in knowledge]).T
    found = []
    for one, same in zip(answered, near > SAME, strict=True):
        own = one.draft.ticket_id or f"draft-{one.draft.id}"
        positives = dict.fromkeys([*one.feedback.citations_kept, *keys[same].tolist()])
        positives.pop(own, None)
        negatives = [ticket for ticket in one.feedback.citations_dropped if ticket not in positives]
        if positives:
            found.append(Example(one.id, own, one.draft.question, tuple(positives), tuple(negatives)))
    return found
