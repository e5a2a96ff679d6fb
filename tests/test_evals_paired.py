"""Two runs are compared query by query, and a baseline is what was accepted."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.baseline import Baseline, read_baseline, write_baseline
from evals.gates import Gate, hold
from evals.paired import MOVED, QueryScore, compare
from lab.errors import ConfigError

VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=40)


def scores(values: list[float]) -> list[QueryScore]:
    return [QueryScore(f"q{n}", f"problem{n // 3}", value) for n, value in enumerate(values)]


@given(VALUES)
def test_a_run_compared_with_itself_differs_in_nothing(values: list[float]) -> None:
    """No wins, no losses, nothing moved, and an interval that is a point."""
    found = compare(scores(values), scores(values))
    assert found is not None
    assert (found.wins, found.losses, found.ties, found.moved) == (0, 0, len(values), ())
    assert (found.difference.mean, found.difference.low, found.difference.high) == (0, 0, 0)


@given(VALUES, VALUES)
def test_wins_and_losses_change_places(one: list[float], other: list[float]) -> None:
    """Compared the other way round, wins are losses and the difference has the other sign; all queries are counted."""
    there, back = compare(scores(one), scores(other)), compare(scores(other), scores(one))
    assert there is not None
    assert back is not None
    assert (there.wins, there.losses, there.ties) == (back.losses, back.wins, back.ties)
    assert there.wins + there.losses + there.ties == min(len(one), len(other))
    assert there.difference.mean == pytest.approx(-back.difference.mean)
    assert there.after - there.before == pytest.approx(there.difference.mean)


def test_what_moved_most_is_named() -> None:
    """The five queries with the largest differences, the farthest first, whichever way."""
    before = [0.5] * 8
    found = compare(scores(before), scores([0.5, 0.6, 0.4, 1.0, 0.0, 0.55, 0.2, 0.9]))
    assert found is not None
    assert [move.query_id for move in found.moved] == ["q3", "q4", "q7", "q6", "q1"][:MOVED]


def test_runs_without_a_common_query_cannot_be_compared() -> None:
    """There is no difference between two different sets of queries."""
    assert compare([QueryScore("a", "p", 1.0)], [QueryScore("b", "p", 1.0)]) is None


def test_a_fall_that_is_sure_fails_and_one_within_chance_does_not() -> None:
    """Thirty problems that all lose a tenth fail the gate; three of thirty that lose it do not, nor does a rise."""
    gate = Gate("ndcg@10", "not_below_baseline", None, "no regression")
    before = [0.5] * 30

    def passes(after: list[float]) -> bool:
        alone = [QueryScore(f"q{n}", f"p{n}", value) for n, value in enumerate(after)]
        old = [QueryScore(f"q{n}", f"p{n}", value) for n, value in enumerate(before)]
        found = compare(old, alone)
        assert found is not None
        [verdict] = hold([gate], {"metrics": {"ndcg@10": {"mean": 0}}, "slices": {}}, {"ndcg@10": found})
        return verdict.passed

    assert not passes([0.4] * 30)
    assert passes([0.4] + [0.5] * 29)
    assert passes([0.9] * 30)
    assert hold([gate], {"metrics": {}, "slices": {}}, {}) == []  # nothing to compare with


def test_a_rise_that_is_sure_fails_where_lower_is_better() -> None:
    """The bound for wrong facts and the like is the same, turned round."""
    gate = Gate("wrong", "not_above_baseline", None, "no regression")
    for after, passed in ((0.6, False), (0.4, True)):
        found = compare(scores([0.5] * 30), scores([after] * 30))
        assert found is not None
        [verdict] = hold([gate], {"metrics": {}, "slices": {}}, {"wrong": found})
        assert verdict.passed is passed


def test_a_baseline_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Scores come back by metric with their problems; a metric that was not measured has none."""
    written = Baseline("golden", "test", "abc", "offline", {"top_k": 5}, {"q1": "p1"}, {"ndcg@10": {"q1": 0.25}})
    write_baseline(written, tmp_path / "baseline.json")
    read = read_baseline(tmp_path / "baseline.json")
    assert read == written
    assert read.of("ndcg@10") == [QueryScore("q1", "p1", 0.25)]
    assert read.of("other") == []


def test_there_may_be_no_baseline_and_a_broken_one_is_named(tmp_path: Path) -> None:
    """Without a file nothing is compared; a file that is none says how to renew it."""
    assert read_baseline(tmp_path / "none.json") is None
    (tmp_path / "broken.json").write_text('{"dataset": 1}')
    with pytest.raises(ConfigError, match="no baseline") as error:
        read_baseline(tmp_path / "broken.json")
    assert error.value.next_step == "make evals ACCEPT=1"
