"""What feedback teaches: training sets, the adapter, triplets, and edits as knowledge."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag_track.documents import Document, Turn
from rag_track.learn.adapter import train_adapter
from rag_track.learn.fine_tune import mine_triplets
from rag_track.learn.training_set import Example, TrainingSet, training_set
from rag_track.learn.verified import verified_document
from rag_track.service.requests import Accepted, Edited, GivenFilters, Rejected
from rag_track.service.responses import ServedDraft
from rag_track.service.store import Given

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
ANSWERS = ("use the background export", "clear the browser cache", "ask your admin")


def vectors(texts: list[str]) -> Any:
    """A direction for each answer, and one for each other text: equal texts are near, all others are not."""
    known = {text: n for n, text in enumerate([*ANSWERS, *sorted({t for t in texts if t not in ANSWERS})])}
    found = np.zeros((len(texts), 64), np.float32)
    for row, text in enumerate(texts):
        found[row, known[text]] = 1
    return found


def past(ticket: str, answer: str) -> Document:
    """A past ticket with that answer."""
    turns = (Turn("Customer", f"question of {ticket}"), Turn("Agent", answer))
    return Document(ticket, "zendesk", "", turns, "exports", "pro", "emea", "en", NOON, NOON, "none")


PAST = [past("zendesk-1", ANSWERS[0]), past("zendesk-2", ANSWERS[0]), past("zendesk-3", ANSWERS[1])]


def feedback(number: int, verdict: Any, question: str = "", text: str = f"{ANSWERS[0]} [zendesk-1]") -> Given:
    """What an agent made of a draft that cites zendesk-1 and zendesk-3."""
    draft = ServedDraft.model_construct(
        id=f"draft-{number}",
        ticket_id=f"zendesk-90{number}",
        question=question or f"question {number}",
        filters=GivenFilters(customer_tier="pro"),
        text=text,
        citations=["zendesk-1", "zendesk-3"],
        declined=False,
    )
    return Given(f"feedback-{number}-{verdict.verdict}", draft, verdict, NOON + timedelta(minutes=number))


ACCEPTED = Accepted(
    verdict="accepted", agent_id="agent-1", citations_kept=["zendesk-1"], citations_dropped=["zendesk-3"]
)
EDITED = Edited(verdict="edited", agent_id="agent-2", text=ANSWERS[1], citations_dropped=["zendesk-1"])
REJECTED = Rejected(verdict="rejected", agent_id="agent-3", citations_dropped=["zendesk-1", "zendesk-3"])


def learned(*given: Given, left_out: Any = lambda one: None) -> TrainingSet:
    return training_set(given, PAST, vectors, left_out)


def test_positives_are_kept_citations_and_tickets_that_say_the_same() -> None:
    """An accepted answer leads to the other ticket in which agents said it; what was dropped is a negative."""
    (example,) = learned(feedback(1, ACCEPTED)).examples
    assert example.positives == ("zendesk-1", "zendesk-2")
    assert example.negatives == ("zendesk-3",)


def test_an_edit_teaches_by_its_own_words() -> None:
    """The edited answer, not the draft's, decides which tickets answer; a positive is never a negative as well."""
    (example,) = learned(feedback(1, EDITED)).examples
    assert example.positives == ("zendesk-3",)
    assert example.negatives == ("zendesk-1",)


def test_of_a_rejected_draft_nobody_knows_the_answer() -> None:
    """It is counted and trains nothing."""
    found = learned(feedback(1, REJECTED))
    assert found.examples == ()
    assert (found.sheet.rejected, found.sheet.dropped_citations) == (1, 2)


def test_the_last_judgement_of_a_draft_counts() -> None:
    """Who changes their mind is taken at their last word, and the sheet says so."""
    found = learned(feedback(1, ACCEPTED), feedback(1, EDITED))
    assert [one.feedback.verdict for one in found.feedback] == ["edited"]
    assert found.sheet.left_out == {"judged again later": 1}


def test_what_must_not_be_learned_from_is_left_out_and_counted() -> None:
    """By its reason."""
    found = learned(
        feedback(1, EDITED), feedback(2, ACCEPTED), left_out=lambda one: "mine" if one.draft.id == "draft-1" else None
    )
    assert [one.draft.id for one in found.feedback] == ["draft-2"]
    assert found.edits == ()
    assert found.sheet.left_out == {"mine": 1}


def test_the_same_answer_to_the_same_question_is_knowledge_once() -> None:
    """Another answer to it is kept, and so is the same answer to another question."""
    other = replace(feedback(3, EDITED.model_copy(update={"text": ANSWERS[2]}), question="again"))
    edits = [feedback(1, EDITED, question="again"), feedback(2, EDITED, question="again"), other, feedback(4, EDITED)]
    found = learned(*edits)
    assert [edit.draft.id for edit in found.edits] == ["draft-1", "draft-3", "draft-4"]
    assert found.sheet.repeated_edits == 1


def test_who_answers_unlike_all_colleagues_is_counted() -> None:
    """Three agents were asked the same, one answered otherwise."""
    said = [EDITED.model_copy(update={"agent_id": f"agent-{n}", "text": ANSWERS[n > 2]}) for n in (1, 2, 3)]
    found = learned(*(feedback(n, verdict, question="the same") for n, verdict in enumerate(said)))
    assert found.sheet.alone == {"agent-1": (0, 1), "agent-2": (0, 1), "agent-3": (1, 1)}


def test_without_feedback_nothing_is_learned() -> None:
    """An empty set, and a sheet of zeros."""
    found = learned()
    assert (found.examples, found.edits, found.sheet.used) == ((), (), 0)


def test_an_edit_is_a_document_of_its_ticket() -> None:
    """Question and sent answer in turns, with the filters that were known."""
    document = verified_document(feedback(1, EDITED))
    assert document.text == f"Customer: question 1\n\nAgent: {ANSWERS[1]}"
    assert (document.ticket_key, document.source, document.customer_tier) == ("zendesk-901", "feedback", "pro")
    with pytest.raises(TypeError, match="is no edit"):
        verified_document(feedback(1, ACCEPTED))


def units(rows: Sequence[Sequence[float]]) -> Any:
    found = np.array(rows, np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


QUESTIONS = units([[1, 0.2, 0, 0], [1, 0, 0.2, 0]])
CHUNKS = units([[0.5, 0, 0, 1], [1, 0, 0, 0.1], [0, 1, 1, 0], [0.1, 1, -1, 0]])
TICKETS = ["right", "dropped", "other", "another"]
EXAMPLES = [Example(f"f{n}", f"own-{n}", f"q{n}", ("right",), ("dropped",)) for n in range(2)]


def test_the_adapter_moves_questions_to_what_answers_them() -> None:
    """The ticket that was kept comes before the one that was dropped, which was nearer."""
    matrix = train_adapter(EXAMPLES, QUESTIONS, CHUNKS, TICKETS)
    before, after = QUESTIONS @ CHUNKS.T, (QUESTIONS + QUESTIONS @ matrix.T) @ CHUNKS.T
    assert (before[:, 0] < before[:, 1]).all()
    assert ((after[:, 0] - after[:, 1]) > (before[:, 0] - before[:, 1]) + 0.02).all()


def test_what_nobody_judged_is_held_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unjudged chunks move at most two thirds as far as they would if nothing held them."""

    def moved() -> float:
        matrix = train_adapter(EXAMPLES, QUESTIONS, CHUNKS, TICKETS)
        return float(np.linalg.norm(CHUNKS[2:] @ matrix.T, axis=1).mean())

    held = moved()
    monkeypatch.setattr("rag_track.learn.adapter.STILL", 0.0)
    assert held < 0.7 * moved()


def test_the_same_examples_give_the_same_adapter() -> None:
    """And no examples none."""
    first, second = (train_adapter(EXAMPLES, QUESTIONS, CHUNKS, TICKETS) for _ in range(2))
    assert (first == second).all()
    with pytest.raises(ValueError, match="no example"):
        train_adapter([replace(EXAMPLES[0], positives=("gone",))], QUESTIONS[:1], CHUNKS, TICKETS)


@given(st.integers(0, 2**31), st.integers(1, 6))
def test_a_triplet_never_has_a_positive_for_a_negative(seed: int, count: int) -> None:
    """Whatever the vectors: neither a positive, nor the edit of the same ticket, is a hard negative."""
    rng = np.random.default_rng(seed)
    chunks = [(f"t{n % 9}", f"text {n}") for n in range(80)]
    examples = [Example(f"f{n}", "t8", f"q{n}", ("t0", "t1"), ("t2",)) for n in range(count)]
    questions, places = units(rng.normal(size=(count, 8))), units(rng.normal(size=(80, 8)))
    triplets = mine_triplets(examples, questions, places, chunks)
    ticket_of = {text: ticket for ticket, text in chunks}
    assert len(triplets) == 2 * count
    assert all(ticket_of[one.positive] in ("t0", "t1") for one in triplets)
    assert not any(ticket_of[one.negative] in ("t0", "t1", "t8") for one in triplets)
    assert triplets == mine_triplets(examples, questions, places, chunks)
