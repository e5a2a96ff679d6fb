"""The calibration set: does a past answer support a sentence? Pairs with the known label, to judge a judge with.

One kind of pair is supported, six are not. A paraphrase that is right for one answer is wrong for another one, so
the label cannot be read off the sentence. The pairs of a problem are all in its split, as golden queries are.
"""

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from sample_data.catalogue import Catalogue
from sample_data.company import read_company
from sample_data.held_out import normal
from sample_data.other_numbers import numbers, with_other_number
from sample_data.phrases import AGENT_CLOSINGS, AGENT_OPENINGS
from sample_data.restated import Source, read_sources

Kind = Literal[
    "paraphrase",  # supported: what the answer says, in other words
    "swapped_number",  # the same with another limit, duration or release
    "negation",  # the contrary of something that the answer says
    "other_tier",  # what is right at the same time for customers of another tier
    "outdated_step",  # what was right before a release
    "absent",  # what the answer to another problem of the same category says
    "half_supported",  # a paraphrase and something absent in one sentence
]
# Pairs of each kind in each split. One kind is supported and six are not: 105 of 231 are 45 %.
SIZES: dict[Kind, int] = {
    "paraphrase": 105, "swapped_number": 21, "negation": 21, "other_tier": 21, "outdated_step": 21, "absent": 21,
    "half_supported": 21,
}  # fmt: skip
plain = cache(normal)  # the same few hundred texts are compared again and again
NAMES = ("Amara", "Jonas", "Mei", "Priya", "Tomasz")


@dataclass(frozen=True)
class Claim:
    """A sentence about `source`. Nothing in `absent` may stand in the context, or the label would be wrong."""

    kind: Kind
    source: Source
    statement: str
    absent: tuple[str, ...] = ()  # facts, or a number
    about: str = ""  # the problem that the sentence is from, where it is another answer's


@dataclass(frozen=True)
class Pair:
    """A past answer and a sentence, with the label: does the one support the other?"""

    id: str
    kind: Kind
    supported: bool
    context: str
    statement: str
    problem_id: str
    split: str


def calibration_pairs(catalogue: Catalogue) -> Iterator[Pair]:
    """The pairs of each kind and split, as many as SIZES says. Raises ConfigError for a fault in the written files.

    Ids are hashes of the content, so taking the first by id is a choice by lot that is always the same.
    """
    sources = read_sources(catalogue)
    pairs = [in_conversation(claim, sources) for source in sources for claim in claims(source, sources)]
    by_id = sorted(pairs, key=lambda pair: pair.id)
    for kind, size in SIZES.items():
        for split in ("dev", "test"):
            yield from [pair for pair in by_id if (pair.kind, pair.split) == (kind, split)][:size]


def claims(one: Source, sources: list[Source]) -> Iterator[Claim]:
    """Every sentence that there is about one wording, of all kinds."""
    for paraphrase in one.paraphrases:
        yield Claim("paraphrase", one, paraphrase)
        if swapped := with_other_number(paraphrase, one.wording):
            yield Claim("swapped_number", one, swapped.text, (swapped.number,))
    yield Claim("negation", one, one.negation)
    for other in sources:
        if kind := relation(one, other):
            yield from foreign(kind, one, other)
    absent = [claim for other in strangers(one, sources) for claim in foreign("absent", one, other)]
    alike = [claim for claim in absent if claim.about in one.problem.confused_with] or absent
    rng = random.Random(one.wording)
    yield rng.choice(alike)
    half, added = rng.choice(one.paraphrases), rng.choice(alike)
    both = f"{half.removesuffix('.')}, and {added.statement[0].lower()}{added.statement[1:]}"
    yield Claim("half_supported", one, both, added.absent, added.about)


def relation(one: Source, other: Source) -> Kind | None:
    """What another answer to the same problem is to this one: for another tier, or from before it."""
    right, wrong = one.resolution, other.resolution
    if one.problem is not other.problem or right is wrong:
        return None
    order = list(read_company().releases).index
    if wrong.until and order(wrong.until) <= order(right.since):
        return "outdated_step" if set(right.tiers) & set(wrong.tiers) else None
    if right.until and order(right.until) <= order(wrong.since):
        return None  # it was not known yet
    return "other_tier"  # valid at one time, so for different tiers


def foreign(kind: Kind, one: Source, other: Source) -> Iterator[Claim]:
    """Paraphrases of another answer with a fact that this one does not state."""
    for statement in other.paraphrases:
        facts = [fact for fact in other.resolution.facts if plain(fact) in plain(statement)]
        if absent := tuple(fact for fact in facts if plain(fact) not in plain(one.wording)):
            yield Claim(kind, one, statement, absent, other.problem.id)


def strangers(one: Source, sources: list[Source]) -> list[Source]:
    """Answers to other problems of the same category and split."""
    return [s for s in sources if (s.category, s.split) == (one.category, one.split) and s.problem is not one.problem]


def in_conversation(claim: Claim, sources: list[Source]) -> Pair:
    """The pair: the answer as an agent gives it, every second time after the answer to another question."""
    one, rng = claim.source, random.Random(claim.source.wording + claim.statement)
    hello = rng.choice(AGENT_OPENINGS).format(name=rng.choice(NAMES))
    closing = rng.choice([closing for closing in AGENT_CLOSINGS if closing])
    harmless = [
        other.wording
        for other in strangers(one, sources)
        if other.problem.id != claim.about and not any(states(other.wording, what) for what in claim.absent)
    ]
    first = [rng.choice(harmless)] if harmless and rng.random() < 0.5 else []
    context = "\n\n".join([hello, *first, f"{one.wording} {closing}"])
    return Pair(
        id=hashlib.sha256(f"{claim.kind}\n{context}\n{claim.statement}".encode()).hexdigest()[:12],
        kind=claim.kind,
        supported=claim.kind == "paraphrase",
        context=context,
        statement=claim.statement,
        problem_id=one.problem.id,
        split=one.split,
    )


def states(text: str, what: str) -> bool:
    """Whether a text has a fact, or a number in digits or in letters."""
    return plain(what) in plain(text) or what in numbers(text)
