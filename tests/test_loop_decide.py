"""A version serves when it is surely better where it learned, and nowhere worse than its margin."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.loop.decide import Decision, Measured, decide
from bridge.loop.measure import Retrieved
from evals.dataset import Query

LEARNED = frozenset(f"seen-{n}" for n in range(20))


def queries() -> list[Query]:
    """Two queries for each of forty problems, half of which were learned about, and ten that nothing answers."""
    kinds = [("seen", 20), ("unseen", 20)]
    about = [f"{kind}-{n}" for kind, count in kinds for n in range(count)]
    asked = [
        Query(
            f"{problem}-q{q}",
            "?",
            problem_ids=(problem,),
            split="dev",
            group=problem,
            tags=("paraphrase",) if q else (),
        )
        for problem in about
        for q in (0, 1)
    ]
    return asked + [Query(f"none-{n}", "?", group=f"none-{n}") for n in range(10)]


def run(ndcg: float = 0.5, misleading: float = 0.0) -> list[Retrieved]:
    """A version that scores the same everywhere; what nothing answers has no near hit."""
    return [Retrieved(q, 0.6 if q.problem_ids else 0.2, ndcg if q.problem_ids else None, misleading) for q in queries()]


OLD = run()
BASE = {one.query.id: 0.5 for one in OLD if one.ndcg is not None}


def decided(new: list[Retrieved], bound: float = 0.4, base: dict[str, float] = BASE) -> Decision:
    return decide(Measured(OLD, 0.4), Measured(new, bound), LEARNED, base)


def shifted(of: str, by: float) -> list[Retrieved]:
    """The old run, with what it scored on some queries changed."""
    return [
        replace(one, ndcg=one.ndcg + by) if one.ndcg is not None and one.query.id.startswith(of) else one for one in OLD
    ]


def failed(decision: Decision) -> set[tuple[str, str]]:
    return {(one.metric, one.of) for one in decision.slices if not one.holds}


def test_what_is_better_where_it_learned_is_promoted() -> None:
    """And nothing else changed."""
    decision = decided(shifted("seen", 0.05))
    assert decision.promoted
    assert decision.why.startswith("surely better")


def test_the_same_again_is_not_better() -> None:
    """An interval that holds zero promotes nobody."""
    assert failed(decided(OLD)) == {("ndcg@10", "seen")}


@settings(deadline=None)  # a bootstrap each time
@given(st.floats(-0.4, 0.4))
def test_a_gain_must_be_a_gain(by: float) -> None:
    """Promoted exactly when the seen problems gain, whatever the size, if all of them do alike."""
    new = [replace(one, ndcg=0.5 + by) if one.query.id.startswith("seen") else one for one in OLD]
    assert decided(new).promoted == (0.5 + by > 0.5)


def test_a_loss_elsewhere_is_not_paid_for_a_gain_here() -> None:
    """The unseen problems may lose a hundredth, not two."""
    gain = shifted("seen", 0.05)

    def with_loss(by: float) -> Decision:
        return decided([replace(one, ndcg=0.5 - by) if one.query.id.startswith("unseen") else one for one in gain])

    assert with_loss(0.009).promoted
    assert ("ndcg@10", "unseen") in failed(with_loss(0.02))


def test_small_steps_down_add_up() -> None:
    """The unseen problems are compared with what served before anything was learned."""
    assert failed(decided(shifted("seen", 0.05), base=dict.fromkeys(BASE, 0.6))) == {("ndcg@10", "unseen")}


def test_more_wrong_answers_refuse_a_better_ranking() -> None:
    """Poisoned edits are found by what they put among the hits, not by what they do to the ranking."""
    poisoned = [replace(one, misleading=0.02) for one in shifted("seen", 0.05)]
    assert failed(decided(poisoned)) == {("misleading", "all")}


@pytest.mark.parametrize(("bound", "of"), [(0.1, "unanswerable"), (0.7, "answerable")])
def test_declining_is_watched_both_ways(bound: float, of: str) -> None:
    """A version must neither begin to answer what nobody knows nor fall silent."""
    assert ("declined", of) in failed(decided(shifted("seen", 0.05), bound))


def test_the_reason_names_slice_bound_and_why() -> None:
    """Whoever reads the refusal needs no other page."""
    why = decided(OLD).why
    assert "ndcg@10 of seen +0.000, must be surely above 0" in why
    assert "new phrasings" in why
