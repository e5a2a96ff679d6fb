"""Do the tickets that a draft cites support the sentences that name them? The judge reads one beside the other.

Faithfulness asks whether a sentence is supported by anything that was read; here it must be by what it names.
"""

import asyncio
from collections import defaultdict
from dataclasses import dataclass
from functools import partial

from evals.judges.at_once import ask_each
from evals.judges.entailment import entailment
from evals.judges.judge import Judge
from rag_track.draft import Draft


@dataclass(frozen=True)
class Cited:
    """A draft and the conversations that it cites, by key."""

    draft: Draft
    conversations: dict[str, str]


@dataclass(frozen=True)
class Citations:
    """For one draft: the share of its citations that support their sentence; or None and why there is no verdict."""

    supported: float | None
    reason: str = ""


def citation_support(drafts: list[Cited], judge: Judge) -> list[Citations]:
    """The support of each draft's citations. Raises ModelError when the judge is out of reach."""
    judge.prepare([text for one in drafts for text in one.conversations.values()])
    return asyncio.run(ask_each(drafts, partial(ask, judge), "citations"))


async def ask(judge: Judge, cited: Cited) -> Citations:
    """One question for each ticket that a draft cites, about all sentences that name it."""
    sentences: dict[str, list[str]] = defaultdict(list)
    for sentence in cited.draft.sentences:
        for ticket in sentence.tickets:
            sentences[ticket].append(sentence.text)
    verdicts: list[bool] = []
    for ticket, said in sentences.items():
        if ticket not in cited.conversations:  # what was not read supports nothing
            verdicts += [False] * len(said)
            continue
        found = await entailment(judge, cited.conversations[ticket], said)
        if any(one.supported is None for one in found):
            return Citations(None, found[0].reason)
        verdicts += [bool(one.supported) for one in found]
    return Citations(sum(verdicts) / len(verdicts)) if verdicts else Citations(None, "it cites nothing")
