"""What a client gets: the whole draft, under the id of its request."""

from rag_track.draft import Draft
from rag_track.guard import Removed, Sentence
from rag_track.hit import Hit
from rag_track.service.responses import CitedSentence, FoundTicket, RemovedSentence, ServedDraft

HIT = Hit("zendesk-1", 0.03, 0.7, 0.3, "zendesk-1:0", 0, "Press Retry.", "exports", "pro", 0, False, "dense 1.")
DRAFT = Draft(
    id="inner",
    question="Why?",
    text="Press Retry. [zendesk-1]",
    sentences=(Sentence("Press Retry.", ("zendesk-1",), 1.0),),
    removed=(Removed("We refund you.", "no evidence"),),
    citations=("zendesk-1",),
    declined=False,
    confidence=0.7,
    needs_human=True,
    why_human="1 sentences were removed",
    model="offline",
    prompt_tokens=9,
    input_tokens=10,
    output_tokens=2,
    usd=0.01,
    hits=(HIT,),
    seconds={"redact": 0.00123, "model": 1.5},
)


def test_a_draft_is_answered_whole() -> None:
    """Each part of a draft is in the answer, times in milliseconds; ids are those of the request and its ticket."""
    served = ServedDraft.of(DRAFT, "0d5c1b2a9f3e4c77", "T-1")
    assert (served.id, served.ticket_id) == ("0d5c1b2a9f3e4c77", "T-1")
    assert served.sentences == [CitedSentence(text="Press Retry.", citations=["zendesk-1"], support=1.0)]
    assert served.removed == [RemovedSentence(text="We refund you.", reason="no evidence")]
    assert served.hits == [FoundTicket.of(HIT)]
    assert served.milliseconds == {"redact": 1.2, "model": 1500.0}
    for name in ("question", "text", "declined", "confidence", "needs_human", "why_human", "model", "usd"):
        assert getattr(served, name) == getattr(DRAFT, name), name
    assert (served.input_tokens, served.output_tokens, served.citations) == (10, 2, ["zendesk-1"])
    assert ServedDraft.model_validate_json(served.model_dump_json()) == served
