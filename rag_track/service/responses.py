"""Serve: what a client gets: drafts, stored feedback, found tickets, the health of the service, problems.

Twin: the contracts of the ETL track's marts, which promise columns to whoever reads them.
"""

from typing import Any, Literal

from pydantic import BaseModel, Field

from rag_track.draft import Draft
from rag_track.filters import NO_FILTERS, Filters
from rag_track.hit import Hit
from rag_track.service.requests import QUESTION, Feedback, GivenFilters


class StoredFeedback(BaseModel):
    """Feedback as it was stored. The same feedback again has the same id and is stored once."""

    id: str = Field(examples=["5f1c0a9be3d24477"])
    draft_id: str = Field(examples=["0d5c1b2a9f3e4c77"])
    feedback: Feedback  # redacted


class CitedSentence(BaseModel):
    """A sentence that passed the guard. `support` is the share of its words that the cited tickets hold."""

    text: str = Field(examples=["Press Retry."])
    citations: list[str] = Field(examples=[["zendesk-35436"]])
    support: float = Field(ge=0, le=1, examples=[1.0])


class RemovedSentence(BaseModel):
    """A sentence that did not pass, and why."""

    text: str
    reason: str


class FoundTicket(BaseModel):
    """A past ticket: a higher score is better, its scale is the retriever's; the similarity is a cosine."""

    ticket: str = Field(examples=["zendesk-35436"])
    score: float = Field(examples=[0.033])
    similarity: float = Field(examples=[0.71])
    passage: str = Field(examples=["Agent: Press Retry."])
    reason: str = Field(examples=["dense 1., bm25 2."])
    is_outdated: bool

    @classmethod
    def of(cls, hit: Hit) -> "FoundTicket":
        return cls(
            ticket=hit.ticket_key,
            score=hit.score,
            similarity=hit.similarity,
            passage=hit.text,
            reason=hit.reason,
            is_outdated=hit.is_outdated,
        )


class Hits(BaseModel):
    """What a search found, best first."""

    hits: list[FoundTicket]


class ServedDraft(BaseModel):
    """A draft as it is stored and answered. The question is redacted."""

    id: str = Field(examples=["0d5c1b2a9f3e4c77"])
    ticket_id: str | None = Field(examples=["zendesk-35436"])
    question: str = Field(examples=[QUESTION])
    filters: GivenFilters = GivenFilters()
    text: str = Field(examples=["Press Retry. [zendesk-35436]"])
    sentences: list[CitedSentence]
    removed: list[RemovedSentence]
    citations: list[str] = Field(examples=[["zendesk-35436"]])
    hits: list[FoundTicket]
    confidence: float = Field(ge=0, le=1, examples=[0.71])
    needs_human: bool
    why_human: str
    declined: bool
    model: str = Field(examples=["offline"])
    input_tokens: int = Field(examples=[1800])
    output_tokens: int = Field(examples=[90])
    usd: float = Field(examples=[0.0])
    milliseconds: dict[str, float] = Field(examples=[{"redact": 1.0, "retrieve": 40.0, "model": 60.0}])

    @classmethod
    def of(cls, draft: Draft, draft_id: str, ticket_id: str | None, filters: Filters = NO_FILTERS) -> "ServedDraft":
        """A draft under the id of its request, with the filters that were asked for."""
        same = ("question", "text", "confidence", "needs_human", "why_human", "declined", "model", "usd")
        return cls(
            id=draft_id,
            ticket_id=ticket_id,
            filters=GivenFilters(**vars(filters)),
            sentences=[
                CitedSentence(text=s.text, citations=list(s.tickets), support=s.support) for s in draft.sentences
            ],
            removed=[RemovedSentence(text=r.text, reason=r.reason) for r in draft.removed],
            citations=list(draft.citations),
            hits=[FoundTicket.of(hit) for hit in draft.hits],
            input_tokens=draft.input_tokens,
            output_tokens=draft.output_tokens,
            milliseconds={stage: round(spent * 1000, 1) for stage, spent in draft.seconds.items()},
            **{name: getattr(draft, name) for name in same},
        )


class Health(BaseModel):
    """Whether drafts can be made, with what, and how fresh the index is (rag.json's freshness)."""

    status: Literal["ok", "no index"]
    model: str = Field(examples=["offline"])
    embeddings: str = Field(examples=["minilm"])
    chunks: int = Field(examples=[2652])
    freshness: dict[str, Any] = Field(examples=[{"newest_indexed_at": "2026-06-30T16:05:00+00:00", "lag_minutes": 12}])


class Problem(BaseModel):
    """An error as RFC 9457 writes it, with the lab's next step."""

    type: str = Field(default="about:blank")
    title: str = Field(examples=["ConfigError"])
    status: int = Field(ge=400, le=599, examples=[422])
    detail: str = Field(examples=["No past ticket has customer_tier 'por'."])
    next_step: str = Field(examples=["use pro"])
