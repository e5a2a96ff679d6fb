"""The arithmetic of ranks: fusion counts places, validity and age take from a score."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag_track.hit import DAY, Hit, fuse, weighted


def hit(key: str, **more: object) -> Hit:
    base = Hit(key, 1.0, 0.5, 0.5, f"{key}:0", 0, "text", "exports", "pro", 0, False, "")
    return dataclasses.replace(base, **more)  # type: ignore[arg-type]


def test_a_ticket_that_both_rankings_hold_comes_first() -> None:
    """Fusion counts places: second in both beats first in one. The reason names the places."""
    fused = fuse(dense=[hit("a"), hit("b")], bm25=[hit("c"), hit("b")])
    assert [one.ticket_key for one in fused] == ["b", "a", "c"]
    assert fused[0].score == pytest.approx(2 / 62)
    assert fused[0].reason == "dense 2., bm25 2."


@given(st.lists(st.sampled_from("abcdef"), unique=True), st.lists(st.sampled_from("defghi"), unique=True))
def test_fusion_loses_nobody(first: list[str], second: list[str]) -> None:
    """Whatever the rankings: each ticket of either comes once, best score first."""
    fused = fuse(dense=[hit(key) for key in first], bm25=[hit(key) for key in second])
    assert sorted(one.ticket_key for one in fused) == sorted({*first, *second})
    assert [one.score for one in fused] == sorted((one.score for one in fused), reverse=True)


def test_the_outdated_keeps_a_part_of_its_score() -> None:
    """A ticket that a release made wrong keeps the share that the setting says, and tells so; others all of it."""
    outdated = weighted(hit("a", is_outdated=True, score=0.8, reason="near"), 0.5, 0, newest=0)
    assert (outdated.score, outdated.reason) == (0.4, "near, outdated")
    assert weighted(hit("a"), 0.5, 0, newest=0).score == 1.0
    assert weighted(hit("a", is_outdated=True, reason="near"), 1.0, 0, newest=0).reason == "near"


def test_age_halves_a_score_by_its_half_life() -> None:
    """A ticket solved one half-life before the newest has half of its score left, two have a quarter."""
    ages = [weighted(hit("a", solved_at=-days * DAY), 1.0, 90, newest=0).score for days in (0, 90, 180)]
    assert ages == pytest.approx([1.0, 0.5, 0.25])
    assert weighted(hit("a", solved_at=-90 * DAY, reason="near"), 1.0, 90, newest=0).reason == "near, 90 days old"
