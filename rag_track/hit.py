"""Serve: what a retriever finds, and the arithmetic of ranks.

Fusion: Cormack, Clarke and Buettcher, Reciprocal Rank Fusion outperforms Condorcet, 2009.
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Any

RANK_CONSTANT = 60  # of the paper on fusion: how little a first place counts more than a second
DAY = 86_400  # seconds


@dataclass(frozen=True)
class Hit:
    """One past ticket, represented by its best chunk.

    `distance` is Chroma's (1 - cosine, lower is nearer), `similarity` the cosine. `score` is what the ranking goes by
    (higher is better); its scale depends on the retriever, and `reason` says in words where it comes from.
    """

    ticket_key: str
    score: float
    similarity: float
    distance: float
    chunk_id: str
    start: int
    text: str
    product_category: str
    customer_tier: str
    solved_at: int  # seconds since the epoch
    is_outdated: bool
    reason: str


def hit_of(chunk_id: str, text: str, meta: Any, score: float, similarity: float, reason: str) -> Hit:
    return Hit(
        ticket_key=meta["ticket_key"],
        score=score,
        similarity=similarity,
        distance=1 - similarity,
        chunk_id=chunk_id,
        start=meta["start"],
        text=text,
        product_category=meta["product_category"],
        customer_tier=meta["customer_tier"],
        solved_at=meta["solved_at"],
        is_outdated=meta["is_outdated"],
        reason=reason,
    )


def fuse(**rankings: list[Hit]) -> list[Hit]:
    """One ranking of several, ties by ticket. The first ranking that holds a ticket gives its chunk."""
    scores: dict[str, float] = defaultdict(float)
    places: dict[str, list[str]] = defaultdict(list)
    chosen: dict[str, Hit] = {}
    for name, ranking in rankings.items():
        for rank, hit in enumerate(ranking, start=1):
            scores[hit.ticket_key] += 1 / (RANK_CONSTANT + rank)
            places[hit.ticket_key].append(f"{name} {rank}.")
            chosen.setdefault(hit.ticket_key, hit)
    order = sorted(scores, key=lambda key: (-scores[key], key))
    return [replace(chosen[key], score=scores[key], reason=", ".join(places[key])) for key in order]


def weighted(hit: Hit, outdated_weight: float, half_life: int, newest: int) -> Hit:
    """The hit with the part of its score that its validity and its age leave.

    A ticket that a release made wrong keeps `outdated_weight`; each `half_life` days between its solution and
    `newest`, in seconds since the epoch, halve the rest; 0 days: age does not count.
    """
    if hit.is_outdated and outdated_weight != 1:
        hit = replace(hit, score=hit.score * outdated_weight, reason=f"{hit.reason}, outdated")
    if half_life:
        days = max(0, newest - hit.solved_at) / DAY
        hit = replace(hit, score=hit.score * 0.5 ** (days / half_life), reason=f"{hit.reason}, {days:.0f} days old")
    return hit
