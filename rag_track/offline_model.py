"""A chat model without weights: it answers from the sentences of the context it is given, or says that it cannot.

It is the default so that the lab runs without a key, and it says so. It reads the same prompt as any model:
past tickets with their similarity, and the new ticket. It knows nothing else, so whatever it says is in the
context. A real model writes better; this one cannot make anything up.
"""

import re
from collections import Counter
from dataclasses import dataclass
from math import log
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from rag_track.guard import AGENT_TURN, DraftedReply, DraftedSentence

SHARPNESS = 8  # how much more a more similar ticket weighs; chosen on the dev split
SENTENCES = 5
SAME = 0.6  # share of words by which two sentences say the same

PAST = re.compile(
    r'<past_ticket id="([^"]+)" similarity="([\d.]+)" solved="[\d-]+"( outdated="true")?>\n(.*?)\n</past_ticket>',
    re.DOTALL,
)
OUTDATED = 0.5  # how much less an outdated ticket counts
SENTENCE_ENDS = re.compile(r"(?<=[.!?])\s+(?![a-z])|\n+")  # not within "click Mail not arriving? below the form"
GREETING = re.compile(
    r"^(?:hello|hi|good day|thanks for writing to us|thank you|sorry about that)\b[^.,]*[.,]\s*", re.I
)
COURTESY = re.compile(r"^(let us know|please tell us if|we are here if|let me put it|i checked it again)", re.I)


@dataclass(frozen=True)
class Past:
    """One past ticket of the prompt: its id, its similarity, and what the agents stated in it."""

    ticket_key: str
    similarity: float
    answers: tuple[str, ...]


class OfflineModel(BaseChatModel):
    """LangChain's chat-model interface over `compose`."""

    @property
    def _llm_type(self) -> str:
        return "offline"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        reply = compose(past_tickets(str(messages[-1].content)))
        return ChatResult(generations=[ChatGeneration(message=AIMessage(content=reply.model_dump_json()))])


def compose(tickets: list[Past]) -> DraftedReply:
    """The answer most of the similar tickets agree on, each sentence with the tickets that state it.

    Of all tickets the one is followed whose answer the others share most, weighted by similarity; its similarity is
    the confidence. Says nothing when no ticket holds a statement.
    """
    near = [ticket for ticket in tickets if ticket.answers]
    if not near:
        return DraftedReply(sentences=[], confidence=0, needs_human=True, reason="no past ticket states an answer")
    rarity = rarities(near)

    def agreement(ticket: Past) -> float:
        return ticket.similarity**SHARPNESS + sum(
            other.similarity**SHARPNESS * alike(" ".join(ticket.answers), " ".join(other.answers), rarity)
            for other in near
            if other is not ticket
        )

    chosen = max(near, key=agreement)
    sentences = [
        DraftedSentence(
            text=sentence, tickets=[t.ticket_key for t in near if t is chosen or states(t, sentence, rarity)]
        )
        for sentence in chosen.answers[:SENTENCES]
    ]
    return DraftedReply(sentences=sentences, confidence=min(chosen.similarity, 1), needs_human=False, reason="")


def past_tickets(prompt: str) -> list[Past]:
    """The past tickets of a prompt, in its order."""
    return [
        Past(ticket_key, float(similarity) * (OUTDATED if outdated else 1), answers_in(conversation))
        for ticket_key, similarity, outdated, conversation in PAST.findall(prompt)
    ]


def answers_in(conversation: str) -> tuple[str, ...]:
    """The statements of the agents' last message that states anything, without greeting, courtesies and questions."""
    for turn in reversed(AGENT_TURN.findall(conversation)):
        sentences = [GREETING.sub("", s).strip() for s in SENTENCE_ENDS.split(turn.strip())]
        stated = tuple(s for s in sentences if is_statement(s))
        if stated:
            return stated
    return ()


def is_statement(sentence: str) -> bool:
    """Whether a sentence says something: no question, no courtesy, no signature, no line of a quoted mail."""
    return (
        len(sentence.split()) > 2
        and sentence.endswith((".", "!", '."', ".)"))
        and not sentence.startswith(">")
        and not COURTESY.match(sentence)
    )


def rarities(tickets: list[Past]) -> dict[str, float]:
    """Inverse document frequency over the tickets' statements: a word that all of them say weighs little."""
    sets = [set(words(" ".join(ticket.answers))) for ticket in tickets]
    counts = Counter(word for one in sets for word in one)
    return {word: log(1 + len(sets) / count) for word, count in counts.items()}


def words(text: str) -> list[str]:
    return re.findall(r"[\w-]+", text.lower())


def alike(one: str, other: str, rarity: dict[str, float]) -> float:
    """Weighted share of the words that two texts have in common, 0 to 1 (Jaccard's index)."""
    a, b = set(words(one)), set(words(other))
    either = sum(rarity.get(word, 1.0) for word in a | b)
    return sum(rarity.get(word, 1.0) for word in a & b) / either if either else 0.0


def states(ticket: Past, sentence: str, rarity: dict[str, float]) -> bool:
    """Whether the ticket's agents said nearly the same sentence."""
    return any(alike(sentence, answer, rarity) >= SAME for answer in ticket.answers)
