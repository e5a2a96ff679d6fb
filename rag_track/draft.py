"""Serve: draft a reply for the human agent, each sentence with the past tickets it rests on.

Twin: the ETL track's ask.py. The chain is question → redact → retrieve → pack → model → guard → draft. `LAB_LLM`
changes the model and nothing else; what may be shown is decided by guard.py, not by the model.
"""

import hashlib
import re
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from lab.settings import Settings
from lab.trace import span
from rag_track.context import pack
from rag_track.filters import NO_FILTERS, Filters
from rag_track.guard import DraftedReply, Removed, Sentence, guard
from rag_track.hit import Hit
from rag_track.injection import as_data
from rag_track.llm.calls import CallLog
from rag_track.llm.cost import estimated_tokens, read_prices
from rag_track.llm.models import Answer, ChatModel
from rag_track.llm.providers import chat_model
from rag_track.offline_model import OfflineModel
from rag_track.redact import Redactor, people_in
from rag_track.retrieve import Retriever

DECLINES = "No past ticket answers this."
PROMPT = Path(__file__).parent / "prompt.txt"
LONGEST_QUESTION = 4_000  # characters of a new ticket that are read; what is longer is a pasted log
MARGIN = 500  # characters beyond the cut that are redacted, so that the cut leaves no half of a number
KEY = r"[\w.:-]*\d[\w.:-]*"  # a ticket's key has a digit; [Save] is a button
CITATION = re.compile(rf"\s*\[({KEY}(?:,\s*{KEY})*)\]")


@dataclass(frozen=True)
class Draft:
    """A proposed reply. Its text names behind each sentence the tickets that it rests on, all of them among the hits.

    `confidence` is the model's own, from 0 to 1. `seconds` are those of each stage.
    """

    id: str
    question: str  # redacted
    text: str
    sentences: tuple[Sentence, ...]
    removed: tuple[Removed, ...]
    citations: tuple[str, ...]
    declined: bool
    confidence: float
    needs_human: bool
    why_human: str
    model: str
    prompt_tokens: int  # by estimate, of the whole prompt
    input_tokens: int
    output_tokens: int
    usd: float
    hits: tuple[Hit, ...]
    seconds: dict[str, float]

    def to_record(self) -> dict[str, Any]:
        """The draft as JSON keeps it."""
        return asdict(self)


class Drafter:
    """Retriever, redactor and chat model together, opened once for many questions."""

    def __init__(self, settings: Settings, retriever: Retriever | None = None, log_calls: bool = True) -> None:
        self.settings = settings
        self.redactor = Redactor(people_in(settings.landing))
        self.retriever = retriever or Retriever(settings)
        self.model = open_model(settings, CallLog(settings.calls) if log_calls else None)
        self.prices = read_prices()

    def draft(self, question: str, filters: Filters = NO_FILTERS) -> Draft:
        """Retrieve and draft. Raises ConfigError for an unknown filter, ModelError when the model does not answer."""
        started = time.perf_counter()
        asked = self.read(question)
        redacted = time.perf_counter()
        with span("CHAIN", "draft", asked) as traced:
            hits = self.retriever.retrieve(asked, self.settings.top_k, filters)
            seconds = {"redact": redacted - started, "retrieve": time.perf_counter() - redacted}
            draft = self.draft_from(asked, hits, seconds)
            traced["output.value"] = draft.text
        return draft

    def warm_up(self) -> None:
        """Load the weights and the words, so that the first ticket does not wait for them."""
        self.retriever.retrieve("warm up", 1)

    def read(self, question: str) -> str:
        """A new ticket as it is searched, sent and stored: redacted, and not longer than LONGEST_QUESTION."""
        return self.redactor.redact(question[: LONGEST_QUESTION + MARGIN]).text[:LONGEST_QUESTION]

    def draft_from(self, asked: str, hits: list[Hit], seconds: dict[str, float] | None = None) -> Draft:
        """Draft from hits that were retrieved already, for a question that is redacted already.

        The model is not asked when even the nearest hit is too far away: that costs nothing and invents nothing.
        Raises ModelError when the model does not answer.
        """
        best = max((hit.similarity for hit in hits), default=0.0)
        bound = self.retriever.decline_below
        if best < bound:
            why = f"the nearest past ticket has a similarity of {best:.3f}, below {bound}"
            return self.finished(asked, hits, seconds or {}, None, 0, [], [], why)
        started = time.perf_counter()
        conversations = self.retriever.conversations(hits)
        context, read = pack(hits, conversations, self.settings.context_tokens)
        messages = prompt(asked, context)
        packed = time.perf_counter()
        answer = self.model.ask(messages, DraftedReply, purpose="draft")
        answered = time.perf_counter()
        kept, removed = guard(
            answer.value,
            {hit.ticket_key: conversations[hit.ticket_key] for hit in read},
            asked,
            self.redactor,
            self.retriever.embeddings.vectors,
        )
        times = {"pack": packed - started, "model": answered - packed, "guard": time.perf_counter() - answered}
        tokens = estimated_tokens(*(message.text for message in messages))
        return self.finished(asked, hits, (seconds or {}) | times, answer, tokens, kept, removed, answer.value.reason)

    def finished(
        self,
        asked: str,
        hits: list[Hit],
        seconds: dict[str, float],
        answer: Answer[DraftedReply] | None,
        prompt_tokens: int,
        kept: list[Sentence],
        removed: list[Removed],
        why: str,
    ) -> Draft:
        """The draft with what it took. A human must look when nothing is left, or something had to be removed."""
        text = " ".join(f"{s.text} {''.join(f'[{key}]' for key in s.tickets)}" for s in kept) or DECLINES
        citations = dict.fromkeys(key for sentence in kept for key in sentence.tickets)
        outdated = [hit.ticket_key for hit in hits if hit.is_outdated and hit.ticket_key in citations]
        reasons = [
            why,
            f"{len(removed)} sentences were removed" if removed else "",
            f"{', '.join(outdated)}: a release has changed this since" if outdated else "",
        ]
        why_human = "; ".join(reason for reason in reasons if reason)
        return Draft(
            id=hashlib.sha256(f"{asked}|{text}".encode()).hexdigest()[:12],
            question=asked,
            text=text,
            sentences=tuple(kept),
            removed=tuple(removed),
            citations=tuple(citations),
            declined=not kept,
            confidence=answer.value.confidence if answer and kept else 0.0,
            needs_human=not kept or bool(why_human) or bool(answer and answer.value.needs_human),
            why_human=why_human,
            model=answer.model if answer else self.model.name,
            prompt_tokens=prompt_tokens,
            input_tokens=answer.input_tokens if answer else 0,
            output_tokens=answer.output_tokens if answer else 0,
            usd=self.usd(answer) if answer else 0.0,
            hits=tuple(hits),
            seconds={stage: round(spent, 4) for stage, spent in seconds.items()},
        )

    def usd(self, answer: Answer[DraftedReply]) -> float:
        """What the answer cost; 0 for a model that the price table does not have."""
        known = self.prices.find(answer.model)
        return float(self.prices.cost(answer.model, answer.input_tokens, answer.output_tokens)) if known else 0.0


def open_model(settings: Settings, log: CallLog | None) -> ChatModel:
    """The chat model that LAB_LLM names, with its fallback and its log. Raises ModelError."""
    fallback = None
    if settings.llm_fallback:
        fallback = named_model("LAB_LLM_FALLBACK", settings.llm_fallback, settings.llm_fallback_url, settings, log)
    return named_model("LAB_LLM", settings.llm, settings.llm_url, settings, log, fallback)


def named_model(
    setting: str, name: str, url: str, settings: Settings, log: CallLog | None, fallback: ChatModel | None = None
) -> ChatModel:
    if name == "offline":
        return ChatModel(OfflineModel(), "offline", log=log)
    return chat_model(name, url=url, timeout=settings.llm_timeout, setting=setting, fallback=fallback, log=log)


def prompt(asked: str, context: str) -> list[BaseMessage]:
    """The instructions of prompt.txt, then the past tickets and the new one, as data."""
    human = f"{context}\n\n<new_ticket>\n{as_data(asked)}\n</new_ticket>"
    return [SystemMessage(PROMPT.read_text(encoding="utf-8")), HumanMessage(human)]


def named(text: str) -> tuple[str, ...]:
    """The tickets that a text names in square brackets, once each, whether they exist or not.

    >>> named("Press [Save]. [zendesk-1][zendesk-2] Then wait. [zendesk-1, zendesk-9]")
    ('zendesk-1', 'zendesk-2', 'zendesk-9')
    """
    return tuple(dict.fromkeys(key.strip() for group in CITATION.findall(text) for key in group.split(",")))


def without_citations(text: str) -> str:
    """The reply as the customer would read it.

    >>> without_citations("Press [Save]. [zendesk-1][zendesk-2] Then wait. [zendesk-1]")
    'Press [Save]. Then wait.'
    """
    return CITATION.sub("", text).strip()
