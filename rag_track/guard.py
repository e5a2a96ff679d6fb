"""Serve, guarded: what a model wrote is checked before anybody sees it, whatever model it was.

Twin: the ETL track's data tests. A row that breaks a rule stops the build there; here a sentence is removed, told to
the human agent, and counted. A sentence stays when
- it names a past ticket that was retrieved,
- every number and code in it stands in what the agents of those tickets said, or in the customer's own question,
- and most of its words do, too, or it means nearly the same as one of their sentences.
Customers' words are no evidence: so an instruction hidden in a ticket supports nothing.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from pydantic import BaseModel, Field

from rag_track.redact import Redactor

WORDS = 0.6  # share of a sentence's words that its evidence must have
MEANING = 0.75  # or the cosine with one sentence of the evidence
EXACT = re.compile(r"[A-Za-z_]*-?\d[\w.,:/%-]*\w|\d")  # numbers, codes, versions
COMMON = frozenset(
    re.findall(
        r"\w+",
        """a an and are as at be been by can could do does for from had has have if in into is it its may not now of off
        on once one only or our out please so some such than that the their them then there these they this those to up
        was we were what when where which who will with would you your""",
    )
)
AGENT_TURN = re.compile(r"^Agent: (.*?)(?=^(?:Customer|Agent|Note): |\Z)", re.DOTALL | re.MULTILINE)
END = re.compile(r"(?<=[.!?])\s+|\n+")

Embed = Callable[[list[str]], "np.ndarray"]


class DraftedSentence(BaseModel):
    """One sentence of a reply, and the past tickets that state it."""

    text: str
    tickets: list[str] = Field(description="ids of the past tickets that the sentence rests on")


class DraftedReply(BaseModel):
    """What the model is asked for."""

    sentences: list[DraftedSentence]
    confidence: float = Field(ge=0, le=1, description="how sure it is that this solves the customer's problem")
    needs_human: bool = Field(description="whether an agent must look into it before anything can be answered")
    reason: str = Field(description="why a human is needed, or an empty text")


@dataclass(frozen=True)
class Sentence:
    """A sentence that passed, and the retrieved tickets it rests on. `support` is the share of words they state."""

    text: str
    tickets: tuple[str, ...]
    support: float


@dataclass(frozen=True)
class Removed:
    """A sentence that did not pass, and why."""

    text: str
    reason: str


def guard(
    reply: DraftedReply, conversations: dict[str, str], question: str, redactor: Redactor, embed: Embed
) -> tuple[list[Sentence], list[Removed]]:
    """The sentences of a reply that may be shown, and the others.

    `conversations` are the past tickets that the model read, by key; `embed` gives a vector of length 1 for each text.
    """
    kept, removed = [], []
    for drafted in reply.sentences:
        text = redactor.redact(drafted.text).text.strip()
        tickets = tuple(key for key in dict.fromkeys(drafted.tickets) if key in conversations)
        if not tickets:
            removed.append(Removed(text, "it names no past ticket that was found"))
            continue
        said = "\n".join(agents_words(conversations[key]) for key in tickets)
        if unknown := [code for code in EXACT.findall(text) if code not in said and code not in question]:
            removed.append(Removed(text, f"the tickets it names do not say {', '.join(unknown)}"))
            continue
        support = stated(text, said)
        if support < WORDS and nearest(text, said, embed) < MEANING:
            removed.append(Removed(text, "the agents of the tickets it names did not say this"))
        else:
            kept.append(Sentence(text, tickets, round(support, 3)))
    return kept, removed


def agents_words(conversation: str) -> str:
    """What agents said in a document's text."""
    return "\n".join(turn.strip() for turn in AGENT_TURN.findall(conversation))


def stated(sentence: str, evidence: str) -> float:
    """The share of a sentence's words that the evidence has; common words do not count, nor numbers: they were held.

    >>> stated("Please press the red button.", "You find a red one: the button is on the left.")
    0.6666666666666666
    """
    asked = [word for word in words(sentence) if word not in COMMON and not any(map(str.isdigit, word))]
    held = set(words(evidence))
    return sum(word in held for word in asked) / len(asked) if asked else 1.0


def words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower())


def nearest(sentence: str, evidence: str, embed: Embed) -> float:
    """The cosine of a sentence with the nearest sentence of its evidence."""
    sentences = [part for part in END.split(evidence) if part.strip()]
    if not sentences:
        return 0.0
    vectors = embed([sentence, *sentences])
    return float(np.max(vectors[1:] @ vectors[0]))
