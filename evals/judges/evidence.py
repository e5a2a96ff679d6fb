"""Decide whether a context supports a statement, clause by clause, and say by which sentence.

A clause is supported when one sentence of the context, alone or with the next one,
- holds its numbers, codes, menu paths and names exactly,
- says yes where it says yes and no where it says no,
- and shares enough words and meaning with it. A rare word weighs more than one that the context uses all the time.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log
from typing import Any

import numpy as np

from evals.judges.passage import Passage, clauses, evidence_in, passage, sentences

# These three were chosen on the dev half of the calibration set; around them the score is flat.
ENOUGH = 0.42  # the score that supports
MEANING = 0.7  # weight of the cosine beside the words
ALIKE = 0.6  # share of words in common by which two parts say the same, but for a no

Embed = Callable[[list[str]], Any]  # an array of shape (texts, dimension), of length 1 each


@dataclass(frozen=True)
class Verdict:
    """Whether a statement is supported; `score` from 0 to 1 is that of its weakest clause, `reason` for a person."""

    supported: bool
    score: float
    reason: str


@dataclass(frozen=True)
class Context:
    """A context taken apart once for all statements: its sentences, their parts, and how rare its words are."""

    sentences: tuple[Passage, ...]
    parts: tuple[tuple[Passage, ...], ...]  # of each sentence
    vectors: Any  # of the sentences and then of all parts, one row each
    owner: Any  # for each row the place of its sentence
    holders: dict[str, Any]  # for each word the windows that have it: an array of 0 and 1
    rarity: dict[str, float]  # under "" that of a word that the context does not have


class Evidence:
    """The search for evidence. What was read is kept, so that no text is embedded twice; `embed` is the model."""

    def __init__(self, embed: Embed) -> None:
        self.embed = embed
        self.vectors: dict[str, Any] = {}
        self.contexts: dict[str, Context] = {}
        self.verdicts: dict[tuple[str, str], Verdict] = {}

    def read(self, texts: list[str]) -> None:
        """Embed all sentences and clauses of some texts in one go, which is faster than one by one."""
        found = [one for text in texts for one in sentences(evidence_in(text))]
        self.embed_new([part for one in found for part in (one, *clauses(one))])

    def embed_new(self, parts: list[str]) -> None:
        new = sorted(set(parts) - self.vectors.keys())
        if new:
            self.vectors.update(zip(new, self.embed(new), strict=True))

    def verdict(self, statement: str, context: str) -> Verdict:
        """Whether each clause of a statement is supported by the context: the weakest one decides."""
        if (statement, context) not in self.verdicts:
            self.verdicts[statement, context] = self.found(statement, context)
        return self.verdicts[statement, context]

    def found(self, statement: str, context: str) -> Verdict:
        if context not in self.contexts:
            self.read([context])
            self.contexts[context] = self.taken_apart(evidence_in(context))
        asked = [passage(clause) for one in sentences(statement) for clause in clauses(one)]
        self.embed_new([clause.text for clause in asked])
        verdicts = [self.clause_verdict(clause, self.contexts[context]) for clause in asked]
        nothing = Verdict(False, 0, "the statement is empty")
        return min(verdicts, key=lambda verdict: (verdict.supported, verdict.score), default=nothing)

    def taken_apart(self, text: str) -> Context:
        said = tuple(passage(one) for one in sentences(text))
        parts = tuple(tuple(passage(part) for part in clauses(one.text)) for one in said)
        rows = [one.text for one in said] + [part.text for those in parts for part in those]
        owner = [*range(len(said)), *(place for place, those in enumerate(parts) for _ in those)]
        return Context(
            said, parts, np.array([self.vectors[row] for row in rows]), np.array(owner), holders(said), rarities(said)
        )

    def clause_verdict(self, asked: Passage, context: Context) -> Verdict:
        """Whether one sentence of the context, alone or with the next one, supports a clause."""
        said = context.sentences
        if not said:
            return Verdict(False, 0, "the context is empty")
        cosines = context.vectors @ self.vectors[asked.text]
        near = np.full(len(said), -1.0)
        np.maximum.at(near, context.owner, cosines)  # a sentence is as near as its nearest part
        meaning = np.maximum(near, np.append(near[1:], -1))
        words = shared(asked, context)
        scores = MEANING * meaning + (1 - MEANING) * words
        place = int(scores.argmax())
        window = said[place : place + 2]
        score = float(scores[place])
        beside = f"“{window[int(near[place : place + 2].argmax())].text}”"
        if missing := asked.exact - held_by(window):
            return Verdict(False, score, f"{beside} does not hold {', '.join(sorted(missing))}")
        if denied := contradiction(asked, [one for those in context.parts[place : place + 2] for one in those]):
            return Verdict(False, score, f"only one of the two says no: “{denied}”")
        if score < ENOUGH:
            lacking = ", ".join(sorted(asked.words - frozenset[str]().union(*(one.words for one in window))))
            return Verdict(False, score, f"{beside} comes nearest ({score:.2f}) and lacks {lacking}")
        return Verdict(True, score, f"{beside} ({score:.2f})")


def held_by(passages: Sequence[Passage]) -> frozenset[str]:
    return frozenset[str]().union(*(one.held for one in passages))


def contradiction(asked: Passage, said: Sequence[Passage]) -> str:
    """The part that says nearly the same as a clause, when one of the two has a no and the other has not; or ""."""
    nearest = max(said, key=lambda one: (alike(asked, one), asked.negated == one.negated))
    return nearest.text if alike(asked, nearest) >= ALIKE and asked.negated != nearest.negated else ""


def alike(one: Passage, other: Passage) -> float:
    """The share of their words that two parts have in common (Jaccard's index)."""
    either = one.words | other.words
    return len(one.words & other.words) / len(either) if either else 0.0


def shared(asked: Passage, context: Context) -> Any:
    """For each window the share of a clause's words that it has, each weighted by how rare it is in the context."""
    weights = {word: context.rarity.get(word, context.rarity[""]) for word in sorted(asked.words)}
    if not weights:
        return np.ones(len(context.sentences))
    had = np.zeros(len(context.sentences))
    for word, weight in weights.items():
        had += weight * context.holders.get(word, 0)
    return had / sum(weights.values())


def holders(said: Sequence[Passage]) -> dict[str, Any]:
    """For each word the windows of two sentences that have it: an array of 0 and 1, one for each first sentence."""
    found: dict[str, Any] = {}
    for place, one in enumerate(said):
        for word in one.words:
            found.setdefault(word, np.zeros(len(said)))[max(place - 1, 0) : place + 1] = 1
    return found


def rarities(said: Sequence[Passage]) -> dict[str, float]:
    """Inverse document frequency of each word over the sentences of a context."""
    counts = Counter(word for one in said for word in one.words)
    return {word: log(1 + len(said) / count) for word, count in counts.items()} | {"": log(1 + len(said))}
