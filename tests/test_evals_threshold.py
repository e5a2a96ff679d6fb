"""When to decline is learned from two kinds of queries, by their nearest past tickets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.dataset import read_dataset
from evals.threshold import best, bounds, learn, show_bounds
from lab.settings import Settings

SIMILARITIES = st.lists(st.floats(0, 1), min_size=1, max_size=30)


def test_the_bound_between_two_kinds_is_found() -> None:
    """Where no bound errs, the one in the middle of the gap is taken."""
    chosen = best(bounds([0.6, 0.7, 0.8], [0.1, 0.2, 0.4]))
    assert (chosen.answered, chosen.declined, chosen.balanced_accuracy) == (1, 1, 1)
    assert chosen.decline_below == 0.51


@given(SIMILARITIES, SIMILARITIES)
def test_a_higher_bound_answers_less_and_declines_more(answerable: list[float], unanswerable: list[float]) -> None:
    """Over all bounds answers only fall and declines only rise; none is better than the one chosen."""
    found = bounds(answerable, unanswerable)
    assert [bound.answered for bound in found] == sorted((bound.answered for bound in found), reverse=True)
    assert [bound.declined for bound in found] == sorted(bound.declined for bound in found)
    assert best(found).balanced_accuracy == max(bound.balanced_accuracy for bound in found) >= 0.5


def test_it_is_learned_from_the_index(indexed: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """On the sample company's dev split the learned bound is better than always answering; the table marks both."""
    found = learn(indexed, read_dataset(indexed.source / "golden", "dev"))
    assert best(found).balanced_accuracy > 0.6
    show_bounds(found, indexed.decline_below)
    printed = capsys.readouterr().out
    assert "learned" in printed
    assert "present" in printed
