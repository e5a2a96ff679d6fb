"""Clauses: a message may ask several things. Each part is understood by itself, and what follows up is completed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bridge.agent.router.parts import HELPS, parts
from bridge.agent.router.wording import ANNOUNCES, bare, referred, topical
from etl_track.periods import Span, next_to
from etl_track.slots import Slots, fill
from etl_track.vocabulary import Vocabulary

FOLLOWS = re.compile(
    r"^\W*(?:and|or|but|so|then|now|ok|okay|what about|how about|same|just|only|for|by|in|on|of|per|with|"
    r"since|from|to|those|"
    r"the same|break|split|narrow|limit|restrict|group|instead|also|compared?|versus|vs|which (?:one|of them))\b",
    re.IGNORECASE,
)
BESIDE = re.compile(r"\b(month|quarter|week|year) (before|after|following)\b(?: that| it)?\W*$", re.IGNORECASE)
INSTEAD = re.compile(r"\s*\b(?:instead of|rather than)\b.*$", re.IGNORECASE)
Values = dict[str, tuple[str, ...]]
SHORT = 6  # words of a part that can only be understood by what was said before


@dataclass(frozen=True)
class Clause:
    """A part of a message and what the semantic layer understands of it. `follows`: it was completed from before."""

    text: str
    slots: Slots
    follows: bool = False


def understood(message: str, earlier: list[str], vocabulary: Vocabulary) -> list[Clause]:
    """The clauses of a message, completed by the messages before it."""
    before: Slots | None = None
    clauses: list[Clause] = []
    for text in [*earlier, message]:
        clauses = []
        for clause in told(parts(text, vocabulary), before, vocabulary):
            if clauses and says_no_more(clause, clauses[-1]):
                continue
            clauses.append(clause)
            if not clause.slots.is_empty:
                before = clause.slots
    return clauses


def told(texts: list[str], before: Slots | None, vocabulary: Vocabulary) -> Iterator[Clause]:
    """The clauses of one message. What it is about, and what was named in it, is known to the clauses that follow."""
    topic: Values = {}
    named: Values = {}
    spans: tuple[Span, ...] = ()
    for part in texts:
        text = bare(part)
        slots = fill(text, vocabulary)
        if ANNOUNCES.match(text) and not slots.metrics and len(texts) > 1:
            topic |= slots.where
            continue
        slots = referred(text, slots, named, spans, vocabulary)
        if slots.metrics:
            slots = topical(slots, topic)
        clause = completed(Clause(text, slots), before, vocabulary)
        named |= {name: values for name, values in clause.slots.where.items() if len(values) == 1}
        spans = clause.slots.spans or spans
        if not clause.slots.is_empty:
            before = clause.slots
        yield clause


def completed(clause: Clause, before: Slots | None, vocabulary: Vocabulary) -> Clause:
    """A clause without a metric takes it from before, with whatever it does not say itself."""
    own = clause.slots
    if before is None or own.why_none or HELPS.search(clause.text):
        return clause
    if not own.metrics and before.metrics and (span := beside(clause.text, before.spans)):
        return Clause(clause.text, replace(before, spans=(span,)), True)
    if not own.metrics and before.metrics and (is_follow_up(clause.text) or not own.unknown):
        own = fill(INSTEAD.sub("", clause.text), vocabulary, before.metrics[0])
        if (own.cues.rank or not own.is_empty) and not own.left:
            return Clause(clause.text, merged(before, own), True)
    names_only_a_metric = own.metrics and not (own.where or own.by or own.spans)
    if (
        names_only_a_metric and not before.metrics and len(clause.text.split()) <= SHORT
    ):  # the answer to a question back
        return Clause(clause.text, replace(merged(before, own), metrics=own.metrics), True)
    if own.metrics and FOLLOWS.match(clause.text) and names_only_a_metric and before.metrics:
        return Clause(clause.text, replace(merged(before, own), metrics=own.metrics, cues=own.cues), True)
    return clause


def beside(text: str, spans: tuple[Span, ...]) -> Span | None:
    """The period next to the one that was asked for: "and the month before that?"."""
    found = BESIDE.search(text)
    if not found or len(spans) != 1 or not spans[0].since:
        return None
    return next_to(spans[0], found[1].lower(), forward=found[2].lower() in ("after", "following", "next"))


def is_follow_up(text: str) -> bool:
    return bool(FOLLOWS.match(text)) or len(text.split()) <= SHORT


def merged(before: Slots, own: Slots) -> Slots:
    """What was asked before, with what is said now in its place."""
    where = {name: v for name, v in before.where.items() if name not in own.by} | own.where
    by = own.by or tuple(name for name in before.by if len(where.get(name, ())) != 1)
    cues = own.cues if own.cues.rank or own.cues.is_difference else before.cues
    if own.spans and len(own.spans) == 1 and before.cues.is_difference and len(before.spans) == 2:
        cues = replace(cues, is_difference=False)
    return Slots(
        metrics=before.metrics,
        why_none="",
        where=where,
        doubtful=own.doubtful,
        by=by,
        spans=own.spans or before.spans,
        cues=replace(cues, rank=cues.rank if by or own.cues.rank or any(len(v) > 1 for v in where.values()) else ""),
        left=own.left,
    )


def says_no_more(clause: Clause, last: Clause) -> bool:
    """ "How happy are people on mobile? I need the CSAT." asks one thing."""
    own = clause.slots
    return bool(own.metrics) and own.metrics == last.slots.metrics and not (own.where or own.by or own.spans)
