"""Coverage counts characters of the answer, and the curve of risks says what silence earns."""

from hypothesis import given
from hypothesis import strategies as st

from evals.answering import Answering, decline_precision, decline_recall, risk_coverage
from evals.coverage import answer_characters, coverage

TALK = "Customer: It fails.\n\nAgent: Hello Ann. Press  Retry twice.\nThen wait.\n\nCustomer: Thanks. Then wait. No."
ANSWER = "Press Retry twice. Then wait."


def test_a_chunk_that_is_the_answer_covers_it_whole() -> None:
    """The answer's own span has recall, precision and IoU 1, whatever white space is in it."""
    start, end = TALK.index("Press"), TALK.index("wait.") + 5
    once = TALK[:end]
    found = coverage(once, start, end, answer_characters(once, ANSWER))
    assert (found.recall, found.precision, found.iou) == (1, 1, 1)


def test_a_chunk_beside_the_answer_covers_nothing() -> None:
    """The customer's first turn holds none of it."""
    found = coverage(TALK, 0, 19, answer_characters(TALK, ANSWER))
    assert (found.recall, found.precision, found.iou) == (0, 0, 0)


def test_the_whole_conversation_covers_all_and_is_mostly_something_else() -> None:
    """Recall 1, and a precision that is the answer's share."""
    answer = answer_characters(TALK, ANSWER)
    found = coverage(TALK, 0, len(TALK), answer)
    written = sum(not character.isspace() for character in TALK)
    assert found.recall == 1
    assert found.precision == found.iou == len(answer) / written


def test_an_answer_that_is_not_there_covers_nothing() -> None:
    """No place, no recall, and nothing is divided by zero."""
    assert answer_characters(TALK, "Call your bank.") == set()
    assert coverage(TALK, 0, 10, set()).recall == 0
    assert coverage("", 0, 0, set()).iou == 0


@given(st.integers(0, len(TALK)), st.integers(0, len(TALK)))
def test_iou_is_never_above_recall_or_precision(one: int, other: int) -> None:
    """For any chunk: the overlap over both is at most the overlap over either."""
    found = coverage(TALK, min(one, other), max(one, other), answer_characters(TALK, ANSWER))
    assert found.iou <= min(found.recall, found.precision) + 1e-9


def test_declining_is_judged_both_ways() -> None:
    """One of two declined was rightly so: precision one half; one of three unanswerable declined: recall a third."""
    unsure, sure = 0.2, 0.8
    answers = [
        Answering(unsure, True, True, 0.0),
        Answering(unsure, True, False, 1.0),
        Answering(sure, False, False, 1.0),
        Answering(sure, False, False, 1.0),
        Answering(sure, False, True, 0.0),
    ]
    assert decline_precision(answers) == 1 / 2
    assert decline_recall(answers) == 1 / 3
    assert decline_precision(answers[2:]) is None
    assert decline_recall(answers[:1]) is None


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=50))
def test_the_curve_ends_with_the_risk_of_answering_all(pairs: list[tuple[float, float]]) -> None:
    """Coverage only grows and ends at 1, where the risk is the mean; confidence only falls."""
    curve = risk_coverage([Answering(confidence, False, True, risk) for confidence, risk in pairs])
    assert [point.coverage for point in curve] == sorted(point.coverage for point in curve)
    assert curve[-1].coverage == 1
    assert abs(curve[-1].risk - sum(risk for _, risk in pairs) / len(pairs)) < 1e-9
    assert [point.confidence for point in curve] == sorted((point.confidence for point in curve), reverse=True)
